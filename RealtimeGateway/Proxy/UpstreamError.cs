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

    /// <summary>How long the body of a refusal may take; its status is known already.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

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
            < 200 => GatewayError.UpstreamInvalidResponse, // a 101 that nobody asked for
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
            && double.TryParse(values.First(), NumberStyles.Float, CultureInfo.InvariantCulture, out var milliseconds) && double.IsFinite(milliseconds)
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
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        try
        {
            using var body = await UpstreamBody.ReadAsync(response, MaxBody, patience.Token);
            if (body is null)
                return default;
            using var json = JsonDocument.Parse(body.Memory);
            return json.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("error"u8, out var error) && error.ValueKind is JsonValueKind.Object
                ? (Text(error, "code"u8, Identifier()), Text(error, "param"u8, MemberPath()))
                : default;
        }
        // HTML, half a body, bytes that are no text, or nothing for a while: the status has said enough.
        catch (Exception e) when (e is JsonException or InvalidOperationException or OperationCanceledException)
        {
            return default;
        }
    }

    private static string? Text(JsonElement error, ReadOnlySpan<byte> name, Regex allowed) =>
        error.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String && value.GetString() is { } text && allowed.IsMatch(text)
            ? text
            : null;

    [GeneratedRegex(@"^[A-Za-z][A-Za-z_]{0,63}\z", RegexOptions.None, matchTimeoutMilliseconds: 100)]
    private static partial Regex Identifier();

    [GeneratedRegex(@"^[a-z_]{1,40}(\.[a-z_]{1,40}|\[[0-9]{1,3}\]){0,8}\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 100)]
    private static partial Regex MemberPath();
}
