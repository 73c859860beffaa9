using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;

namespace RealtimeGateway.Tests.Hostile;

/// <summary>
/// JSON as nobody should send it: valid objects in which a value was replaced or a member put in (twice, perhaps), depth, numbers beyond all types, half
/// surrogate pairs, other encodings, ends too early, and what only looks like JSON.
/// </summary>
internal static class HostileJson
{
    /// <summary>Characters of a text, which is cut off there: above every limit on what is read whole.</summary>
    private const int Most = 300_000;

    private static readonly string[] Known =
    [
        "model", "voice", "instructions", "modalities", "tools", "session", "type", "audio", "output", "input", "prompt", "expires_after", "seconds", "anchor", "event_id", "response", "item", "id", "role",
        "content", "text", "turn_detection", "client_secret", "tracing", "max_output_tokens", "tool_choice", "metadata", "name", "parameters", "profile", "way", "outcome", "jitter", "loss", "conversation",
    ];

    private static readonly Gen<string> Name = Gen.Frequency(
        (6, Gen.OneOf(Known).Select(Quote)), (2, Mutation.Text.Select(Quote)), (1, Gen.OneOf("\"mo\\u0064el\"", "\"\\ud800\"", "\"\\u0000\"", "\"Model\"", "\"__proto__\"", "model", "'model'", "\"canary\"")));

    private static readonly Gen<string> Leaf = Gen.Frequency(
        (4, Gen.OneOf("null", "true", "false", "0", "-0", "1", "\"\"", "[]", "{}", "\"gpt-realtime\"", "\"marin\"", "\"realtime\"", "[\"text\",\"audio\"]")),
        (2, Gen.OneOf("1e999", "-1e-999", "123456789012345678901234567890", "9223372036854775808", "0.1e-400", "1E+2", "01", "+1", "NaN", "Infinity", "0x10", ".5", "5.", "--1")),
        (2, Gen.OneOf("\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\u0000\"", "\"\\u12\"", "\"\\x41\"", "\"\n\"", "\"\u2028\"", "\"canary\"", "\"ek_canary\"", "/*c*/1", "undefined", "\"data:image/png;base64,AAAA\"")),
        (1, Mutation.Text.Select(Quote)), (1, Gen.Double.Select(number => JsonSerializer.Serialize(double.IsFinite(number) ? number : 0))));

    private static readonly Gen<string> Any = Gen.Recursive<string>((depth, inner) => depth > 3
        ? Leaf
        : Gen.Frequency(
            (4, Leaf),
            (1, inner.Array[0, 4].Select(items => $"[{string.Join(',', items)}]")),
            (2, Gen.Select(Name, inner).Array[0, 4].Select(members => $"{{{string.Join(',', members.Select(member => $"{member.Item1}:{member.Item2}"))}}}"))));

    private static readonly Gen<string> Deep = Gen.Select(
        Gen.OneOf(("[", "]"), ("{\"a\":", "}"), ("{\"tools\":[", "]}")), Gen.Frequency((3, Gen.Int[28, 36]), (1, Gen.Int[1, 8000])), Gen.Bool,
        (pair, depth, ends) => string.Concat(Enumerable.Repeat(pair.Item1, depth)) + "1" + (ends ? string.Concat(Enumerable.Repeat(pair.Item2, depth)) : ""));

    private static readonly Gen<string> Wide = Gen.Select(Name, Leaf, Gen.Int[1, 3000],
        (name, value, count) => $"{{{string.Join(',', Enumerable.Repeat($"{name}:{value}", Math.Min(count, 1 + (Most / (name.Length + value.Length)))))}}}");

    private static readonly Gen<Func<string, byte[]>> Encoded = Gen.Frequency<Func<string, byte[]>>(
        (20, Encoding.UTF8.GetBytes), (1, text => [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(text)]), (1, Encoding.Unicode.GetBytes), (1, Encoding.BigEndianUnicode.GetBytes),
        (1, text => [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(text)]), (1, Encoding.UTF32.GetBytes), (1, Encoding.Latin1.GetBytes));

    /// <summary>Like these, which are valid.</summary>
    public static Gen<byte[]> Like(params string[] valid) => Gen.Frequency(
        (3, Changed(valid).Select(Encoding.UTF8.GetBytes)),
        (1, Mutation.Of(Gen.Select(
            Gen.Frequency((4, Changed(valid)), (1, Gen.OneOf(valid)), (2, Any), (1, Deep), (1, Wide), (1, Any.Select(text => text + text)), (1, Gen.OneOf("", " ", "{}", "{", "}", "\"", "[", "{\"a\"", "\0", "{}{}"))),
            Encoded,
            (text, encode) => encode(text.Length > Most ? text[..Most] : text)))));

    /// <summary>Like these, and text of UTF-8 in any case.</summary>
    public static Gen<byte[]> TextLike(params string[] valid) => Gen.Frequency((8, Changed(valid)), (3, Gen.OneOf(valid)), (1, Any)).Select(Encoding.UTF8.GetBytes);

    // A member more, or another value: one of a plausible kind as often as any.
    private static Gen<string> Changed(string[] valid) => Gen.Select(
        Gen.OneOf(valid).Select(text => JsonNode.Parse(text)), Gen.Double.Unit, Name, Gen.Frequency((1, Leaf), (1, Any)), Gen.Bool,
        (root, where, name, value, isMember) => new Rewriting((int)(where * CountOf(root)), name, value, isMember).Write(root));

    private static int CountOf(JsonNode? node) => 1 + node switch
    {
        JsonObject members => members.Sum(member => CountOf(member.Value)),
        JsonArray items => items.Sum(CountOf),
        _ => 0,
    };

    private static string Quote(string text) => JsonSerializer.Serialize(text);

    /// <summary>Writes a tree with its <paramref name="at"/>th value replaced, or with a member more in its first object from there.</summary>
    private sealed class Rewriting(int at, string name, string value, bool isMember)
    {
        private readonly StringBuilder _text = new();
        private int _left = at;

        public string Write(JsonNode? root)
        {
            WriteValue(root);
            return _text.ToString();
        }

        private void WriteValue(JsonNode? node)
        {
            if (_left-- == 0 && !isMember)
                _text.Append(value);
            else if (node is JsonObject members)
                WriteMembers(members);
            else if (node is JsonArray items)
                WriteItems(items);
            else
                _text.Append(node?.ToJsonString() ?? "null");
        }

        private void WriteMembers(JsonObject members)
        {
            var separator = "{";
            if (isMember && _left < 0)
            {
                _left = int.MaxValue;
                _text.Append('{').Append(name).Append(':').Append(value);
                separator = ",";
            }

            foreach (var (key, member) in members)
            {
                _text.Append(separator).Append(Quote(key)).Append(':');
                WriteValue(member);
                separator = ",";
            }

            _text.Append(separator is "{" ? "{}" : "}");
        }

        private void WriteItems(JsonArray items)
        {
            _text.Append('[');
            for (var i = 0; i < items.Count; i++)
            {
                _text.Append(i == 0 ? "" : ",");
                WriteValue(items[i]);
            }

            _text.Append(']');
        }
    }
}
