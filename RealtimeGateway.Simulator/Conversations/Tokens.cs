using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace RealtimeGateway.Simulator.Conversations;

/// <summary>An amount of tokens of both kinds.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Tokens(int Text, int Audio)
{
    private const int CharactersPerToken = 4;
    private static readonly TimeSpan HeardPerToken = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan SpokenPerToken = TimeSpan.FromMilliseconds(50);

    public int Total => Text + Audio;

    public static Tokens operator +(Tokens one, Tokens other) => new(one.Text + other.Text, one.Audio + other.Audio);

    /// <summary>About four characters make a token.</summary>
    public static Tokens OfText(string text) => new((text.Length + CharactersPerToken - 1) / CharactersPerToken, 0);

    /// <summary>Sound as input: a token for each 100 ms, as the service counts.</summary>
    public static Tokens OfHeard(TimeSpan sound) => new(0, (int)Math.Ceiling(sound / HeardPerToken));

    /// <summary>Sound as output: a token for each 50 ms, as the service counts.</summary>
    public static Tokens OfSpoken(TimeSpan sound) => new(0, (int)Math.Ceiling(sound / SpokenPerToken));

    /// <summary>What an item costs as input: the user's speech as sound, everything else as text, the model's own speech as both.</summary>
    public static Tokens OfInput(Item item)
    {
        var isSpeechOfUser = item.Role == "user" && item.Sound > TimeSpan.Zero;
        var text = (isSpeechOfUser ? "" : item.Words) + item.Name + item.Arguments + item.Output;
        return OfText(text) + OfHeard(item.Sound);
    }
}

/// <summary>
/// The <c>usage</c> of a response. What the response before it had as input already is cached, in blocks of 64 tokens of each kind.
/// </summary>
internal sealed record Usage(Tokens Input, Tokens Cached, Tokens Output)
{
    private const int CacheBlock = 64;

    public static Tokens CachedOf(Tokens input, Tokens before) => new(Blocks(input.Text, before.Text), Blocks(input.Audio, before.Audio));

    public JsonObject ToJson() => new()
    {
        ["total_tokens"] = Input.Total + Output.Total,
        ["input_tokens"] = Input.Total,
        ["output_tokens"] = Output.Total,
        ["input_token_details"] = new JsonObject
        {
            ["text_tokens"] = Input.Text,
            ["audio_tokens"] = Input.Audio,
            ["image_tokens"] = 0,
            ["cached_tokens"] = Cached.Total,
            ["cached_tokens_details"] = Details(Cached, ("image_tokens", 0)),
        },
        ["output_token_details"] = Details(Output),
    };

    private static int Blocks(int now, int before) => Math.Min(now, before) / CacheBlock * CacheBlock;

    private static JsonObject Details(Tokens tokens, params (string Name, int Count)[] more)
    {
        var json = new JsonObject { ["text_tokens"] = tokens.Text, ["audio_tokens"] = tokens.Audio };
        foreach (var (name, count) in more) json[name] = count;
        return json;
    }
}
