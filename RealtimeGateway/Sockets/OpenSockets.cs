using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace RealtimeGateway.Sockets;

/// <summary>
/// Counts sockets against <c>Inbound:MaxWebSockets</c>. The server counts as well, but not those over HTTP/2, and not before one is accepted: then the
/// connection to the destination would have been made for nothing.
/// </summary>
internal sealed class OpenSockets(IOptions<KestrelServerOptions> server)
{
    private readonly long _most = server.Value.Limits.MaxConcurrentUpgradedConnections ?? long.MaxValue;
    private long _count;

    public long Count => Interlocked.Read(ref _count);

    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _count) <= _most)
            return true;
        Leave();
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _count);
}
