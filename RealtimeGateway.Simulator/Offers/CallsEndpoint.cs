using RealtimeGateway.Simulator.Answers;
using RealtimeGateway.Simulator.Calls;
using RealtimeGateway.Simulator.Conversations;
using RealtimeGateway.Simulator.Peers;

namespace RealtimeGateway.Simulator.Offers;

/// <summary>
/// <c>POST /openai/v1/realtime/calls</c> (GA) and <c>POST /v1/realtimertc?model=…</c> (preview): an SDP offer, answered with 201 and a <c>Location</c> that ends in the id of the
/// call. 401 for a secret that is unknown or expired, 415 and 400 for anything but an offer, 429 when too many calls are live, and 503 while no media peer is there to answer.
/// </summary>
internal sealed class CallsEndpoint(
    SimulatorOptions options, CallOpening opening, WaitingPeers peers, LiveCalls calls, SimulatedModel model, TimeProvider time)
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
        var (refusal, request) = await opening.DecideAsync(http, surface);
        if (request is null) return refusal!;
        if (!SdpOffer.TryParse(request.Sdp, out var offer)) return AzureErrors.NotSdp;
        if (peers.TryTake(offer.Fingerprint, out var peer)) return await ConnectAsync(http, offer, peer, Open(http, request, surface, CallMedia.Peer));
        if (!options.CannedAnswers) return AzureErrors.NoMediaPeer($"{http.Request.Scheme}://{http.Request.Host}/peer/");
        return CannedAnswer.To(offer) is { } answer ? Begin(http, Open(http, request, surface, CallMedia.None), answer) : AzureErrors.NoCodec;
    }

    private Call Open(HttpContext http, CallRequest request, Surface surface, CallMedia media)
    {
        var isFiltered = http.Request.Query["webrtcfilter"] == "on";
        var conversation = model.Open(request.Session, surface, Medium.Tracks);
        return new(new(request.Deployment, surface, media, isFiltered, request.Secret?.CountUse()), conversation, time.GetUtcNow());
    }

    private async Task<AzureAnswer> ConnectAsync(HttpContext http, SdpOffer offer, Peer peer, Call call)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        using var timer = time.CreateTimer(_ => patience.Cancel(), null, PeerPatience, Timeout.InfiniteTimeSpan);
        var isBegun = false;
        try
        {
            var answer = Begin(http, call, await peer.AnswerAsync(offer.Text, call, patience.Token));
            isBegun = answer.Status == StatusCodes.Status201Created;
            return answer;
        }
        catch (PeerRefusedException e)
        {
            return AzureErrors.PeerFailed(e.Message);
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
            return AzureErrors.PeerFailed("The media peer did not answer in time.");
        }
        finally
        {
            if (!isBegun) call.TryEnd(CallEnd.PeerLeft); // lets the peer go
        }
    }

    private AzureAnswer Begin(HttpContext http, Call call, string answer)
    {
        if (!calls.TryBegin(call)) return AzureErrors.CapacityExceeded;
        http.Response.Headers.Location = $"/v1/realtime/calls/{call.Id}";
        return AzureAnswer.Sdp(answer);
    }
}
