using System.Net;

namespace RealtimeGateway.Proxy;

/// <summary>
/// Sees an exchange through whose every answer is paid: when nobody waits for it any more, it goes on, and an heir takes what comes of it. Only a request
/// of which not a byte has gone out is broken off.
/// </summary>
internal sealed class UnbrokenHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    /// <summary>Marks such a request by its heir.</summary>
    public static readonly HttpRequestOptionsKey<Action<Task<HttpResponseMessage>>> Heir = new(nameof(Heir));

    /// <summary>How long an answer is waited for that nobody wants any more.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        request.Options.TryGetValue(Heir, out var heir) ? SendAsync(request, heir, cancellationToken) : base.SendAsync(request, cancellationToken);

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, Action<Task<HttpResponseMessage>> heir, CancellationToken cancellation)
    {
        // The body that YARP would send belongs to the caller's request and must not be touched once that is over.
        var body = new OwnContent(request.Content!, await request.Content!.ReadAsByteArrayAsync(cancellation));
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

    /// <summary>A body of its own, which goes out or is withdrawn, never both.</summary>
    private sealed class OwnContent : HttpContent
    {
        private readonly byte[] _bytes;
        private bool _isDecided;

        public OwnContent(HttpContent original, byte[] bytes)
        {
            _bytes = bytes;
            foreach (var (name, values) in original.Headers.NonValidated)
                Headers.TryAddWithoutValidation(name, values);
        }

        public bool TryWithdraw() => !Interlocked.Exchange(ref _isDecided, value: true);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
            TryWithdraw() ? stream.WriteAsync(_bytes, cancellationToken).AsTask() : throw new IOException("It goes out once, or not at all.");

        protected override bool TryComputeLength(out long length)
        {
            length = _bytes.Length;
            return true;
        }
    }
}
