using System.Net;
using System.Net.WebSockets;
using RealtimeGateway.Credentials;
using RealtimeGateway.Proxy;
using RealtimeGateway.Sessions;
using RealtimeGateway.Sockets;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace RealtimeGateway.Doctor;

/// <summary>
/// A destination as the doctor asks it: over the connections of its cluster and with its own credential, as the gateway does.
/// </summary>
/// <param name="destination">Which.</param>
/// <param name="cluster">Its cluster, which YARP has connected.</param>
/// <param name="sessions">One for every profile that a route may ask of it; at least one.</param>
/// <param name="patience">How long a check may take: what its routes give the service.</param>
internal sealed class Resource(Destination destination, ClusterModel cluster, IReadOnlyList<RequestedSession> sessions, Patience patience)
{
    private const string SocketPath = "/openai/v1/realtime";
    private const string KeyProtocol = "openai-insecure-api-key.";

    public Destination Destination => destination;

    public ClusterModel Cluster => cluster;

    public IReadOnlyList<RequestedSession> Sessions => sessions;

    public Patience Patience => patience;

    /// <summary>Azure's name for the model of this session.</summary>
    public string DeploymentFor(RequestedSession session) => destination.Deployment ?? session.Model;

    /// <summary>The headers about quota that any answer has had so far.</summary>
    public SortedSet<string> RateHeaders { get; } = new(StringComparer.Ordinal);

    /// <summary>Sends it with what the exchange holds as proof, else with the destination's credential, which is left there.</summary>
    public async Task<HttpResponseMessage> AskAsync(
        HttpRequestMessage request, PathString path, QueryString query, Exchange exchange, CancellationToken cancellation)
    {
        await DestinationClient.PrepareAsync(request, destination, path, query, exchange, cancellation);
        var response = await SendAsync(request, cancellation);
        if (response.IsSuccessStatusCode && exchange.Proof is { } proof)
            destination.Credential!.Accepted(proof);
        return response;
    }

    /// <summary>Sends it with nothing that proves anything.</summary>
    public Task<HttpResponseMessage> AskBareAsync(HttpRequestMessage request, PathString path, CancellationToken cancellation)
    {
        request.RequestUri = destination.AddressOf(path, QueryString.Empty);
        return SendAsync(request, cancellation);
    }

    /// <summary>Opens a socket with the destination's credential, or with a secret as a server would.</summary>
    /// <exception cref="UpgradeRefusedException">It was answered otherwise.</exception>
    public async Task<ClientWebSocket> DialAsync(QueryString query, EphemeralSecret? secret, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage();
        await DestinationClient.PrepareAsync(request, destination, SocketPath, query, new() { Secret = secret?.AsProof() }, cancellation);
        var socket = new ClientWebSocket();
        foreach (var (name, values) in request.Headers.NonValidated)
            socket.Options.SetRequestHeader(name, values.ToString());
        return await DialAsync(socket, request.RequestUri!, cancellation);
    }

    /// <summary>Opens a socket with a secret as a browser would, which can set no header.</summary>
    /// <exception cref="UpgradeRefusedException">It was answered otherwise.</exception>
    public Task<ClientWebSocket> DialAsBrowserAsync(QueryString query, EphemeralSecret secret, CancellationToken cancellation)
    {
        var socket = new ClientWebSocket();
        var address = destination.AddressOf(SocketPath, query);
        return DialAsync(socket, address, cancellation, KeyProtocol + secret.Value);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        request.Version = cluster.Config.HttpRequest?.Version ?? HttpVersion.Version20;
        request.VersionPolicy = cluster.Config.HttpRequest?.VersionPolicy ?? HttpVersionPolicy.RequestVersionOrLower;
        var response = await cluster.HttpClient.SendAsync(request, cancellation);
        RateHeaders.UnionWith(AnswerHeaders.AboutQuota(response));
        return response;
    }

    private async Task<ClientWebSocket> DialAsync(ClientWebSocket socket, Uri address, CancellationToken cancellation, params string[] protocols)
    {
        foreach (var protocol in protocols.Prepend("realtime"))
            socket.Options.AddSubProtocol(protocol);
        socket.Options.CollectHttpResponseDetails = true;
        try
        {
            await socket.ConnectAsync(new UriBuilder(address) { Scheme = address.Scheme is "https" ? "wss" : "ws" }.Uri, cluster.HttpClient, cancellation);
            return socket;
        }
        catch (Exception e) when (Ending.IsOfConnection(e))
        {
            using var _ = socket;
            cancellation.ThrowIfCancellationRequested();
            if ((int)socket.HttpStatusCode == 0)
                throw;
            throw new UpgradeRefusedException((int)socket.HttpStatusCode, AnswerHeaders.AzureRequestId(socket.HttpResponseHeaders));
        }
    }
}

/// <summary>How long one check may take, and the setting that says so.</summary>
internal sealed record Patience(TimeSpan Time, string Key);

/// <summary>A socket was asked for, and an ordinary answer came.</summary>
internal sealed class UpgradeRefusedException(int status, string? azureRequestId) : Exception
{
    public int Status => status;

    public string? AzureRequestId => azureRequestId;
}
