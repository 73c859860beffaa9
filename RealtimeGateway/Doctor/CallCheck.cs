using System.Net.Http.Headers;
using System.Text;
using RealtimeGateway.Calls;
using RealtimeGateway.Credentials;
using RealtimeGateway.Proxy;
using RealtimeGateway.Sessions;

namespace RealtimeGateway.Doctor;

/// <summary>Begins a call with a minted secret, as <c>POST /calls</c> does.</summary>
internal sealed class CallCheck(Resource resource, BegunCalls calls, TimeProvider time)
{
    public static readonly PathString Path = "/openai/v1/realtime/calls";

    /// <summary>The service's id of the call; empty without one.</summary>
    public string Id { get; private set; } = "";

    /// <summary>As it came.</summary>
    public Uri? Location { get; private set; }

    public async Task<Observation> RunAsync(RequestedSession session, EphemeralSecret secret, CancellationToken cancellation)
    {
        using var request = calls.Watch(NewOffer());
        var query = session.Profile.Options.EventFilter ? QueryString.Create("webrtcfilter", "on") : QueryString.Empty;
        using var response = await resource.AskAsync(request, Path, query, new() { Secret = secret.AsProof() }, cancellation);
        if (!response.IsSuccessStatusCode)
            return await Refusal.ReadAsync(response, resource.Destination, time, cancellation);
        (Id, Location) = (calls.Begin(response), response.Headers.Location);
        using var body = await UpstreamBody.ReadAsync(response, Sdp.MaxAnswerLength, cancellation);
        var isAnswer = body is not null && Sdp.IsDescription(body.Memory.Span);
        return new()
        {
            Trouble = !isAnswer ? Trouble.Unreadable : Id.Length == 0 ? Trouble.NoLocation : null,
            Detail = isAnswer ? $"an SDP answer of {body!.Memory.Length} bytes" : null,
            Status = (int)response.StatusCode,
            AzureRequestId = AnswerHeaders.AzureRequestId(response),
        };
    }

    /// <summary>An offer as the service takes it.</summary>
    public static HttpRequestMessage NewOffer() => new()
    {
        Method = HttpMethod.Post,
        Content = new ByteArrayContent(Encoding.UTF8.GetBytes(Offer.New())) { Headers = { ContentType = new MediaTypeHeaderValue(Sdp.ContentType) } },
    };
}
