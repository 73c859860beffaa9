using System.Net;

namespace RealtimeGateway.Proxy;

/// <summary>A body of the gateway's own, which goes out or is withdrawn, never both.</summary>
internal sealed class OwnContent : HttpContent
{
    private const string TypeHeader = "Content-Type";
    private const string LengthHeader = "Content-Length";

    private readonly byte[] _bytes;
    private bool _isDecided;

    /// <param name="bytes">The body.</param>
    /// <param name="type">Its media type.</param>
    public OwnContent(byte[] bytes, string type)
    {
        _bytes = bytes;
        Headers.TryAddWithoutValidation(TypeHeader, type);
    }

    /// <summary>Takes over what else the other content says of itself.</summary>
    public OwnContent WithHeadersOf(HttpContent other)
    {
        foreach (var (name, values) in other.Headers.NonValidated)
        {
            if (!name.Equals(TypeHeader, StringComparison.OrdinalIgnoreCase) && !name.Equals(LengthHeader, StringComparison.OrdinalIgnoreCase))
                Headers.TryAddWithoutValidation(name, values);
        }

        return this;
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
