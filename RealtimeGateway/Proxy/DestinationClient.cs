using Yarp.ReverseProxy.Forwarder;

namespace RealtimeGateway.Proxy;

/// <summary>How the gateway talks to a destination, whoever starts the exchange: connections, address, credential.</summary>
internal static class DestinationClient
{
    /// <summary>
    /// Connections: no redirects, no cookies, no proxy from the environment, no trace context; kept warm between calls, and renewed often
    /// enough to follow DNS.
    /// </summary>
    public static void Configure(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        handler.ActivityHeadersPropagator = null;
        handler.AllowAutoRedirect = false;
        handler.UseCookies = false;
        handler.ConnectTimeout = TimeSpan.FromSeconds(5);
        handler.PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5);
        handler.PooledConnectionLifetime = TimeSpan.FromMinutes(15);
        handler.MaxResponseHeadersLength = 32; // KiB
    }

    /// <summary>Gives the request its address and its credential, both from the same destination.</summary>
    public static async ValueTask PrepareAsync(
        HttpRequestMessage request, Destination destination, PathString path, QueryString query, Exchange exchange, CancellationToken cancellation)
    {
        request.RequestUri = RequestUtilities.MakeDestinationAddress(destination.Address.AbsoluteUri, path, query);
        if (destination.Credential is not { } credential)
            return;
        exchange.Proof = await credential.CurrentAsync(cancellation);
        exchange.Proof.Authorize(request.Headers);
    }
}
