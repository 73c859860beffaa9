using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using RealtimeGateway.Web;

namespace RealtimeGateway.Proxy;

/// <summary>
/// What a destination's refusal means to the caller. Azure's layers answer in several shapes (an <c>error</c> object whose <c>code</c> is a
/// text, a number or null; a bare <c>statusCode</c> and <c>message</c>; HTML; nothing), so the status decides and the body only adds.
/// </summary>
/// <param name="Error">The caller's view.</param>
/// <param name="Code">Azure's own code, for the operator's log; <c>null</c> when it gave none that looks like one.</param>
internal sealed partial record UpstreamError(GatewayError Error, string? Code)
{
    private const int MaxBody = 16 * 1024;

    // Azure counts its quota in windows of one to ten seconds.
    private const int DefaultRetryAfter = 10;
    private const int MaxRetryAfter = 3600;

    public static async Task<UpstreamError> ReadAsync(HttpResponseMessage response, Destination destination, TimeProvider time, CancellationToken cancellation)
    {
        var (code, param) = await ReadCodeAsync(response, cancellation);
        if (param is not null && destination.IsNamedIn(param))
            param = null;
        return new((int)response.StatusCode switch
        {
            429 => GatewayError.UpstreamRateLimited.RetryAfter(ReadRetryAfter(response, time)),
            401 or 403 or 404 or 431 or (>= 300 and < 400) => GatewayError.UpstreamMisconfigured,
            408 or 504 => GatewayError.UpstreamTimeout,
            >= 400 and < 500 when code is not null && !destination.IsNamedIn(code) =>
                GatewayError.UpstreamRejected.Saying($"{GatewayError.UpstreamRejected.Message[..^1]}: {code}.") with { Param = param },
            >= 400 and < 500 => GatewayError.UpstreamRejected with { Param = param },
            _ => GatewayError.UpstreamUnavailable,
        }, code);
    }

    /// <summary>The wait that the destination asks for, in whole seconds: <c>retry-after-ms</c> before <c>Retry-After</c>.</summary>
    private static int ReadRetryAfter(HttpResponseMessage response, TimeProvider time)
    {
        double? seconds = response.Headers.TryGetValues("retry-after-ms", out var values)
            && double.TryParse(values.First(), NumberStyles.Float, CultureInfo.InvariantCulture, out var milliseconds)
                ? milliseconds / 1000
                : response.Headers.RetryAfter switch
                {
                    { Delta: { } delta } => delta.TotalSeconds,
                    { Date: { } date } => (date - time.GetUtcNow()).TotalSeconds,
                    _ => null,
                };
        return (int)Math.Clamp(Math.Ceiling(seconds ?? DefaultRetryAfter), 1, MaxRetryAfter);
    }

    private static async Task<(string? Code, string? Param)> ReadCodeAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        using var body = await UpstreamBody.ReadAsync(response, MaxBody, cancellation);
        if (body is null)
            return default;

        try
        {
            using var json = JsonDocument.Parse(body.Memory);
            return json.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("error"u8, out var error) && error.ValueKind is JsonValueKind.Object
                ? (Text(error, "code"u8, Identifier()), Text(error, "param"u8, MemberPath()))
                : default;
        }
        catch (JsonException)
        {
            return default; // HTML or half a body: the status says enough
        }
    }

    private static string? Text(JsonElement error, ReadOnlySpan<byte> name, Regex allowed) =>
        error.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String && value.GetString() is { } text && allowed.IsMatch(text)
            ? text
            : null;

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_]{0,63}$", RegexOptions.None, matchTimeoutMilliseconds: 100)]
    private static partial Regex Identifier();

    [GeneratedRegex(@"^[a-z][a-z0-9_]{0,39}(\.[a-z0-9_]{1,40}|\[[0-9]{1,3}\]){0,8}$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 100)]
    private static partial Regex MemberPath();
}
