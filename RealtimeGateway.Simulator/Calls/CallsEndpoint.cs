using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Net.Http.Headers;
using RealtimeGateway.Simulator.Answers;
using RealtimeGateway.Simulator.Conversations;
using RealtimeGateway.Simulator.Credentials;
using RealtimeGateway.Simulator.Peers;

namespace RealtimeGateway.Simulator.Calls;

/// <summary>
/// <c>POST /openai/v1/realtime/calls</c> (GA) and <c>POST /v1/realtimertc?model=…</c> (preview), an SDP offer with <c>Authorization: Bearer ek_…</c>: 201 with the answer
/// and <c>Location</c>; 401 for a secret that is unknown or expired, 415 and 400 for anything but an offer, and 503 while no media peer is there to answer it.
/// </summary>
internal sealed class CallsEndpoint(EphemeralSecrets secrets, WaitingPeers peers, SimulatedModel model, TimeProvider time)
{
    private static readonly TimeSpan PeerPatience = TimeSpan.FromSeconds(10);

    public Task HandleAsync(HttpContext http) => HandleAsync(http, Surface.Ga);

    public Task HandlePreviewAsync(HttpContext http) => HandleAsync(http, Surface.Preview);

    private async Task HandleAsync(HttpContext http, Surface surface) => await (await AnswerAsync(http, surface)).WriteAsync(http);

    /// <summary>The preflight of a page that posts its offer here: any origin may (every answer says so), since the secret is the proof.</summary>
    public static Task AllowAsync(HttpContext http)
    {
        http.Response.Headers.AccessControlAllowMethods = "POST";
        http.Response.Headers.AccessControlAllowHeaders = http.Request.Headers.AccessControlRequestHeaders;
        http.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private async Task<AzureAnswer> AnswerAsync(HttpContext http, Surface surface)
    {
        if (http.Request.Query.ContainsKey("api-version")) return AzureErrors.ApiVersionNotAllowed;
        if (!secrets.TryFind(AcceptedCredentials.BearerOf(http.Request), out var secret)) return AzureErrors.WrongToken;
        if (surface == Surface.Preview && http.Request.Query["model"] != secret.Deployment) return AzureErrors.DeploymentNotFound;
        InfrastructureHeaders.NameDeployment(http, secret.Deployment);
        if (!IsSdp(http.Request.ContentType)) return AzureErrors.NotSdpContent;
        using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
        if (!SdpOffer.TryParse(await reader.ReadToEndAsync(http.RequestAborted), out var offer)) return AzureErrors.NotSdp;
        if (!peers.TryTake(offer.Fingerprint, out var peer)) return AzureErrors.NoMediaPeer($"{http.Request.Scheme}://{http.Request.Host}/peer/");
        return await ConnectAsync(http, offer, peer, secret.Session, surface);
    }

    private async Task<AzureAnswer> ConnectAsync(HttpContext http, SdpOffer offer, Peer peer, JsonObject session, Surface surface)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        using var timer = time.CreateTimer(_ => patience.Cancel(), null, PeerPatience, Timeout.InfiniteTimeSpan);
        try
        {
            var filtered = http.Request.Query["webrtcfilter"] == "on";
            var answer = await peer.AnswerAsync(
                offer.Text, transport => model.Open(session, surface, Medium.Tracks, transport), filtered, patience.Token);
            http.Response.Headers.Location = $"/v1/realtime/calls/{CallId.New()}";
            return AzureAnswer.Sdp(answer);
        }
        catch (PeerRefusedException e)
        {
            return AzureErrors.PeerFailed(e.Message);
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
            return AzureErrors.PeerFailed("The media peer did not answer in time.");
        }
    }

    private static bool IsSdp(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type) &&
        type.MediaType.Equals("application/sdp", StringComparison.OrdinalIgnoreCase);
}
