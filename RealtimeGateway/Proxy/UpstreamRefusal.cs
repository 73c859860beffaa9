using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using RealtimeGateway.Configuration;
using RealtimeGateway.Web;

namespace RealtimeGateway.Proxy;

/// <summary>
/// Reads what a destination's refusal means. Azure's layers answer in several shapes (an <c>error</c> object whose <c>code</c> is a text, a
/// number or null; a bare <c>statusCode</c> and <c>message</c>; HTML; nothing), so the status decides and the body only adds.
/// </summary>
internal static partial class UpstreamRefusal
{
    private const int MaxBody = 16 * 1024;

    /// <summary>How long the body of a refusal may take; its status is known already.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>What a throttled destination that does not say how long is given; Azure counts its quota in windows of one to ten seconds.</summary>
    public static readonly TimeSpan UnstatedWait = TimeSpan.FromSeconds(10);

    /// <param name="response">Any answer that is not a success.</param>
    /// <param name="isMint">Whether it answers a mint, of which a 404 can only mean that our own address or deployment is wrong.</param>
    public static async Task<UpstreamFailure> ReadAsync(
        HttpResponseMessage response, Destination destination, bool isMint, TimeProvider time, CancellationToken cancellation)
    {
        var (code, param, isBare) = await ReadCodeAsync(response, cancellation);
        var status = (int)response.StatusCode;
        var wait = status is 429 ? StatedWait.Read(response, time) : null;
        var (kind, error) = Judge(status, isMint, wait);
        code = CodeOf(code, destination);
        if (kind is FailureKind.Rejected)
            error = Explain(error, code, ParamOf(param, destination));
        return new(kind, code ?? status.ToString(CultureInfo.InvariantCulture), error) { Status = status, StatedWait = wait, IsBare = isBare };
    }

    private static (FailureKind Kind, GatewayError Error) Judge(int status, bool isMint, TimeSpan? wait) => status switch
    {
        < 200 => (FailureKind.Unavailable, GatewayError.UpstreamInvalidResponse), // a 101 that nobody asked for
        429 => (FailureKind.Throttled, GatewayError.UpstreamRateLimited.RetryAfter(wait ?? UnstatedWait)),
        401 => (FailureKind.Unauthorized, GatewayError.UpstreamMisconfigured),
        404 when !isMint => (FailureKind.Rejected, GatewayError.NotFound),
        403 or 404 or 431 or (>= 300 and < 400) => (FailureKind.Misconfigured, GatewayError.UpstreamMisconfigured),
        408 or 504 => (FailureKind.Unavailable, GatewayError.UpstreamTimeout),
        >= 400 and < 500 => (FailureKind.Rejected, GatewayError.UpstreamRejected),
        _ => (FailureKind.Unavailable, GatewayError.UpstreamUnavailable),
    };

    private static GatewayError Explain(GatewayError error, string? code, string? param) => error.Code != GatewayError.UpstreamRejected.Code
        ? error
        : (code is null ? error : error.Saying($"{error.Message[..^1]}: {code}.")) with { Param = param };

    private static async Task<(string? Code, string? Param, bool IsBare)> ReadCodeAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        try
        {
            using var body = await UpstreamBody.ReadAsync(response, MaxBody, patience.Token);
            if (body is null)
                return default;
            if (body.Memory.IsEmpty)
                return (null, null, IsBare: true);
            using var json = JsonDocument.Parse(body.Memory);
            return json.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("error"u8, out var error) && error.ValueKind is JsonValueKind.Object
                ? (Text(error, "code"u8), Text(error, "param"u8), IsBare: false)
                : default;
        }
        // HTML, half a body, bytes that are no text, or nothing for a while: the status has said enough.
        catch (Exception e) when (e is JsonException or InvalidOperationException or OperationCanceledException)
        {
            return default;
        }
    }

    /// <summary>A code of the service that may be shown: an identifier, and not the name of anything of ours.</summary>
    public static string? CodeOf(string? code, Destination destination) =>
        code is not null && Identifier().IsMatch(code) && !destination.IsNamedIn(code) ? code : null;

    /// <summary>A path of members that a caller may see.</summary>
    public static string? ParamOf(string? param, Destination destination) =>
        param is not null && MemberPath().IsMatch(param) && !destination.IsNamedIn(param) ? param : null;

    private static string? Text(JsonElement error, ReadOnlySpan<byte> name) =>
        error.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    [GeneratedRegex(@"^[A-Za-z][A-Za-z_]{0,63}\z", RegexOptions.None, Patterns.Timeout)]
    private static partial Regex Identifier();

    [GeneratedRegex(@"^[a-z_]{1,40}(\.[a-z_]{1,40}|\[[0-9]{1,3}\]){0,8}\z", RegexOptions.ExplicitCapture, Patterns.Timeout)]
    private static partial Regex MemberPath();
}
