using System.Security.Cryptography.X509Certificates;
using RealtimeGateway.Credentials;
using Yarp.ReverseProxy.Forwarder;

namespace RealtimeGateway.Proxy;

/// <summary>
/// How the gateway connects to a cluster's destinations, whoever starts the exchange: no redirects, no cookies, no trace context; connections are kept
/// warm between calls, and renewed often enough to follow DNS. A proxy is used only when the cluster names one (<c>HttpClient:WebProxy</c>).
/// </summary>
internal sealed class DestinationClient : ForwarderHttpClientFactory
{
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromMinutes(3); // outbound connections through Azure are dropped in silence after four
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    protected override bool CanReuseOldClient(ForwarderHttpClientContext context) =>
        base.CanReuseOldClient(context)
        && ClusterRules.Read(context.OldMetadata).ConnectTimeout == ClusterRules.Read(context.NewMetadata).ConnectTimeout
        && context.OldMetadata?.GetValueOrDefault(ClusterRules.AuthorityStampKey) == context.NewMetadata?.GetValueOrDefault(ClusterRules.AuthorityStampKey);

    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        handler.ActivityHeadersPropagator = null;
        handler.AllowAutoRedirect = false;
        handler.UseCookies = false;
        handler.ConnectTimeout = ClusterRules.Read(context.NewMetadata).ConnectTimeout;
        handler.PooledConnectionIdleTimeout = IdleTimeout;
        handler.PooledConnectionLifetime = Lifetime;
        handler.MaxResponseHeadersLength = 32; // KiB
        if (context.NewMetadata?.GetValueOrDefault(ClusterRules.AuthorityKey) is { Length: > 0 } file)
            handler.SslOptions.CertificateChainPolicy = TrustOnly(file);
    }

    protected override HttpMessageHandler WrapHandler(ForwarderHttpClientContext context, HttpMessageHandler handler) =>
        new UnbrokenHandler(base.WrapHandler(context, handler));

    /// <summary>Gives the request its address and what proves the gateway there: a secret minted for it, or the destination's own credential.</summary>
    /// <exception cref="CredentialAwayException">There is nothing to prove the gateway with.</exception>
    public static async ValueTask PrepareAsync(
        HttpRequestMessage request, Destination destination, PathString path, QueryString query, Exchange exchange, CancellationToken cancellation)
    {
        if (exchange.Secret is not { } secret)
        {
            exchange.Proof = await PrepareAsync(request, destination, path, query, cancellation);
            return;
        }

        request.RequestUri = destination.AddressOf(path, query);
        secret.Authorize(request.Headers);
    }

    /// <summary>Gives the request its address and its credential, both from the same destination. The credential's proof; <c>null</c> when it needs none.</summary>
    /// <exception cref="CredentialAwayException">There is nothing to prove the gateway with.</exception>
    public static async ValueTask<Proof?> PrepareAsync(
        HttpRequestMessage request, Destination destination, PathString path, QueryString query, CancellationToken cancellation)
    {
        request.RequestUri = destination.AddressOf(path, query);
        if (destination.Credential is not { } credential)
            return null;
        var proof = await credential.CurrentAsync(cancellation);
        proof.Authorize(request.Headers);
        return proof;
    }

    private static X509ChainPolicy TrustOnly(string file)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(ClusterRules.ReadAuthority(file) ?? throw new InvalidOperationException($"{ClusterRules.AuthorityKey} cannot be read."));
        return policy;
    }
}
