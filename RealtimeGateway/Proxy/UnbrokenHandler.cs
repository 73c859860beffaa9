using System.Net;

namespace RealtimeGateway.Proxy;

/// <summary>
/// Sends a body of the gateway's own together with its headers (YARP sends these ahead, which costs a second packet), and sees an exchange through whose every answer is
/// paid: when nobody waits for it any more, it goes on, and an heir takes what comes of it. Only a request of which not a byte has gone out is broken off.
/// </summary>
internal sealed class UnbrokenHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    /// <summary>What to send in place of the request's content.</summary>
    public static readonly HttpRequestOptionsKey<OwnContent> Body = new(nameof(Body));

    /// <summary>Marks by its heir a request that is seen through.</summary>
    public static readonly HttpRequestOptionsKey<Action<Task<HttpResponseMessage>>> Heir = new(nameof(Heir));

    /// <summary>How long an answer is waited for that nobody wants any more.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Options.TryGetValue(Body, out var body))
            request.Content = body.WithHeadersOf(request.Content!);
        return request.Options.TryGetValue(Heir, out var heir) ? SendAsync(request, heir, cancellationToken) : base.SendAsync(request, cancellationToken);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, Action<Task<HttpResponseMessage>> heir, CancellationToken cancellation)
    {
        var body = request.Content as OwnContent
            ?? new OwnContent(await request.Content!.ReadAsByteArrayAsync(cancellation), request.Content.Headers.ContentType?.ToString() ?? "").WithHeadersOf(request.Content);
        request.Content = body;
        var life = new CancellationTokenSource();
        var exchange = base.SendAsync(request, life.Token);
        try
        {
            return await exchange.WaitAsync(cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            if (body.TryWithdraw())
                await life.CancelAsync();
            else
                life.CancelAfter(Patience);
            heir(exchange);
            throw;
        }
    }
}
