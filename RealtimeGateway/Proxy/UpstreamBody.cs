using System.Buffers;
using System.IO.Compression;

namespace RealtimeGateway.Proxy;

/// <summary>A destination's answer, whole, in a pooled buffer; dispose it when the bytes have been read.</summary>
internal sealed class UpstreamBody : IDisposable
{
    private const int FirstRent = 4096;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstRent);
    private int _length;

    private UpstreamBody()
    {
    }

    public ReadOnlyMemory<byte> Memory => _buffer.AsMemory(0, _length);

    /// <summary>
    /// Reads and decompresses at most <paramref name="limit"/> bytes. <c>null</c> when the body is longer, cut off, or in an encoding that
    /// nobody asked for and nobody here knows.
    /// </summary>
    public static async Task<UpstreamBody?> ReadAsync(HttpResponseMessage response, int limit, CancellationToken cancellation)
    {
        var body = new UpstreamBody();
        try
        {
            await using var stream = Decompress(response.Content.Headers.ContentEncoding, await response.Content.ReadAsStreamAsync(cancellation));
            if (stream is not null && await body.FillAsync(stream, limit, cancellation))
                return body;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or InvalidOperationException or HttpRequestException)
        {
            // InvalidOperationException: no brotli. Reset, cut off or not what its encoding says: unreadable, which is all that a caller of this method has to know.
        }
        catch
        {
            body.Dispose();
            throw;
        }

        body.Dispose();
        return null;
    }

    public void Dispose()
    {
        var buffer = Interlocked.Exchange(ref _buffer, []);
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true); // it held a secret
    }

    private async Task<bool> FillAsync(Stream stream, int limit, CancellationToken cancellation)
    {
        int read;
        while ((read = await stream.ReadAsync(_buffer.AsMemory(_length), cancellation)) > 0)
        {
            _length += read;
            if (_length > limit)
                return false;
            if (_length == _buffer.Length)
                Grow();
        }

        return true;
    }

    private void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer, clearArray: true);
        _buffer = larger;
    }

    private static Stream? Decompress(ICollection<string> encodings, Stream stream) => encodings.Count == 0
        ? stream
        : string.Join(',', encodings).ToLowerInvariant() switch
        {
            "gzip" => new GZipStream(stream, CompressionMode.Decompress),
            "br" => new BrotliStream(stream, CompressionMode.Decompress),
            "deflate" => new ZLibStream(stream, CompressionMode.Decompress),
            "identity" => stream,
            _ => null,
        };
}
