using System.Buffers;
using Microsoft.AspNetCore.Http.Features;
using RealtimeGateway.Web;

namespace RealtimeGateway.Proxy;

/// <summary>
/// Whether a request can be sent again, and its body when that is so. A mint is written anew for every destination. Of the others those can that have no
/// body, or one that is known to be small; a larger one streams through, once.
/// </summary>
internal sealed class RepeatableBody
{
    private readonly HttpRequest? _request;
    private readonly byte[]? _kept;
    private readonly bool _isMint;
    private readonly StreamedBody? _streamed;

    private RepeatableBody(HttpRequest? request, byte[]? kept, bool isMint) => (_request, _kept, _isMint) = (request, kept, isMint);

    private RepeatableBody(StreamedBody streamed) => _streamed = streamed;

    public bool IsRepeatable => _streamed is null;

    /// <summary>Whether the caller has sent all of it.</summary>
    public bool IsComplete => _streamed is null or { IsAtEnd: true };

    /// <summary>What is to be sent, or why the caller's body did not come.</summary>
    public static async ValueTask<(RepeatableBody? Body, GatewayError? Error)> ReadAsync(HttpContext context, Exchange exchange, FailoverRules rules)
    {
        if (exchange.Session is not null)
            return (new(request: null, kept: null, isMint: true), null);
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
            return (new(request: null, kept: null, isMint: false), null);
        if (exchange.Route.Destinations.Length < 2 || rules.Attempts < 2 || context.Request.ContentLength is null || context.Request.ContentLength > rules.Body)
            return (Stream(context.Request), null);
        var (body, error) = await CallersBody.ReadAsync(context, rules.Body);
        if (error is not null)
            return (null, error);
        var kept = body.ToArray();
        error = CallersBody.Release(context, body);
        return error is null ? (new(context.Request, kept, isMint: false), null) : (null, error);
    }

    private static RepeatableBody Stream(HttpRequest request)
    {
        var streamed = new StreamedBody(request.Body);
        request.Body = streamed;
        return new(streamed);
    }

    /// <summary>
    /// Whether the request may go to another destination after this failure: a mint after most, an offer only when not a byte of it can have arrived,
    /// others when nothing can have come of it.
    /// </summary>
    /// <param name="isOffered">Whether the attempt went as far as the offer.</param>
    public bool MayRepeat(UpstreamFailure failure, FailoverRules rules, bool isOffered) => IsRepeatable
        && (isOffered ? failure.NeverArrived : _isMint ? failure.Status == 0 || rules.GoesOnAt(failure.Status) : failure.CameToNothing);

    /// <summary>Puts the body where the next attempt reads it.</summary>
    public void Rewind()
    {
        if (_kept is not null)
            _request!.Body = new MemoryStream(_kept, writable: false);
    }
}
