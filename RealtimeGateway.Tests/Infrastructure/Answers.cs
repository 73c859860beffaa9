using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace RealtimeGateway.Tests.Infrastructure;

/// <summary>What tests say about an answer.</summary>
internal static partial class Answers
{
    /// <summary>The body is exactly this JSON.</summary>
    public static async Task ShouldBeAsync(this HttpResponseMessage response, HttpStatusCode status, string json)
    {
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal((status, Normal(json)), (response.StatusCode, Normal(body)));
    }

    /// <summary>The error envelope, whole, with this code and param.</summary>
    public static async Task ShouldFailAsync(this HttpResponseMessage response, int status, string code, string? param = null)
    {
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(body.StartsWith('{'), $"{(int)response.StatusCode} without an envelope: {body}");
        var envelope = JsonNode.Parse(body)!.AsObject();
        var error = envelope["error"]!.AsObject();
        Assert.Equal(["error"], envelope.Select(member => member.Key));
        Assert.Equal(["message", "type", "code", "param"], error.Select(member => member.Key));
        Assert.Equal((status, code, param), ((int)response.StatusCode, (string?)error["code"], (string?)error["param"]));
        Assert.False(string.IsNullOrWhiteSpace((string?)error["message"]));
        Assert.Equal("application/json", response.Content.Headers.ContentType?.ToString());
        Assert.True(response.Headers.CacheControl?.NoStore);
        Assert.NotEmpty(response.RequestId());
    }

    public static string RequestId(this HttpResponseMessage response) => Assert.Single(response.Headers.GetValues("x-request-id"));

    public static string[] HeaderNames(this HttpResponseMessage response) =>
        [.. response.Headers.Concat(response.Content.Headers).Select(header => header.Key.ToLowerInvariant()).Order(StringComparer.Ordinal)];

    /// <summary>Everything that a caller can see, as one text.</summary>
    public static async Task<string> VisibleAsync(this HttpResponseMessage response) =>
        $"{(int)response.StatusCode} {response.ReasonPhrase}\n{response.Headers}{response.Content.Headers}\n" +
        await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

    /// <summary>An ephemeral secret or a ticket stands in it: the three characters may happen to be in a sealed id as well, though never at the beginning of a word.</summary>
    public static bool ShowsSecret(this string text) => SecretStart().IsMatch(text);

    public static string Normal(string json) => JsonSerializer.Serialize(JsonNode.Parse(json), Indented);

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    [GeneratedRegex("(?<![A-Za-z0-9_-])ek_", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex SecretStart();
}
