using Yarp.ReverseProxy.Model;

namespace RealtimeGateway.Proxy;

/// <summary>
/// Opens a connection to every destination at start and after a reload, so that the first caller does not wait for TLS. What it sends carries no
/// credential and costs no quota; what comes back does not matter. Plain loopback addresses have nothing to warm.
/// </summary>
internal sealed partial class ConnectionWarmer(ILogger<ConnectionWarmer> logger) : IClusterChangeListener
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public void OnClusterAdded(ClusterState cluster) => Warm(cluster);

    public void OnClusterChanged(ClusterState cluster) => Warm(cluster);

    public void OnClusterRemoved(ClusterState cluster)
    {
    }

    private void Warm(ClusterState cluster)
    {
        foreach (var destination in cluster.Destinations.Values)
        {
            if (Uri.TryCreate(destination.Model.Config.Address, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps)
                _ = WarmAsync(cluster.Model.HttpClient, destination.DestinationId, address);
        }
    }

    private async Task WarmAsync(HttpMessageInvoker client, string destination, Uri address)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var request = new HttpRequestMessage(HttpMethod.Head, address) { Version = new(2, 0), VersionPolicy = HttpVersionPolicy.RequestVersionOrLower };
        try
        {
            using var response = await client.SendAsync(request, patience.Token);
            Log.Warm(logger, destination, response.Version);
        }
        // A reload that replaces the client while it is being warmed, or a destination that is away: the first request finds out.
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or ObjectDisposedException or IOException)
        {
            Log.Cold(logger, destination, e.GetBaseException().GetType().Name);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "A connection to destination {Destination} is open, HTTP/{Version}")]
        public static partial void Warm(ILogger logger, string destination, Version version);

        [LoggerMessage(2, LogLevel.Information, "No connection to destination {Destination} could be opened ahead of the first request: {Cause}")]
        public static partial void Cold(ILogger logger, string destination, string cause);
    }
}
