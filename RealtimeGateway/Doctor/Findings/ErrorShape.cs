using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using RealtimeGateway.Configuration;
using RealtimeGateway.Proxy;

namespace RealtimeGateway.Doctor.Findings;

/// <summary>The shape of an answer: status, names and kinds of members, and codes. Texts of the service stay out.</summary>
internal static partial class ErrorShape
{
    private const int MaxBody = 16 * 1024;

    /// <summary>Such as <c>401 {"error":{"code":"401","message":string}}</c>.</summary>
    public static async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        using var body = await UpstreamBody.ReadAsync(response, MaxBody, cancellation);
        return string.Create(CultureInfo.InvariantCulture, $"{(int)response.StatusCode} {(body is null ? "with a body that cannot be read" : Of(body.Memory))}");
    }

    private static string Of(ReadOnlyMemory<byte> body)
    {
        if (body.IsEmpty)
            return "without a body";
        try
        {
            using var json = JsonDocument.Parse(body);
            return Of("", json.RootElement, depth: 0);
        }
        catch (JsonException)
        {
            return body.Span.TrimStart(" \t\r\n"u8).StartsWith("<"u8) ? "with HTML" : "with a text";
        }
    }

    private static string Of(string name, JsonElement value, int depth) => value.ValueKind switch
    {
        JsonValueKind.Object when depth < 3 => $"{{{string.Join(',', value.EnumerateObject().Where(member => IsName(member.Name)).Take(12)
            .Select(member => $"\"{member.Name}\":{Of(member.Name, member.Value, depth + 1)}"))}}}",
        JsonValueKind.String when IsCode(name, value.GetString()!) => $"\"{value.GetString()}\"",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        var kind => kind.ToString().ToLowerInvariant(),
    };

    private static bool IsName(string member) => Name().IsMatch(member);

    private static bool IsCode(string member, string value) => member is "code" or "type" && Code().IsMatch(value);

    [GeneratedRegex(@"^[A-Za-z][A-Za-z_]{0,39}\z", RegexOptions.None, Patterns.Timeout)]
    private static partial Regex Name();

    [GeneratedRegex(@"^([A-Za-z][A-Za-z_]{0,63}|[0-9]{1,5})\z", RegexOptions.ExplicitCapture, Patterns.Timeout)]
    private static partial Regex Code();
}
