using System.Net.Http.Headers;
using RealtimeGateway.Credentials;
using RealtimeGateway.Proxy;
using RealtimeGateway.Sessions;

namespace RealtimeGateway.Doctor;

/// <summary>Mints a secret for a profile's session, as <c>POST /sessions</c> does.</summary>
internal sealed class MintCheck(Resource resource, Minting minting, TimeProvider time)
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    /// <summary>What was minted last, and for which session.</summary>
    public (RequestedSession Session, EphemeralSecret Secret)? Minted { get; private set; }

    public async Task<Observation> RunAsync(RequestedSession session, CancellationToken cancellation)
    {
        var exchange = new Exchange();
        var seen = await MintAsync(session, exchange, cancellation);
        if (seen.Status is not StatusCodes.Status401Unauthorized || exchange.Proof is not { } refused || !resource.Destination.Credential!.TryTurnFrom(refused))
            return seen;
        var again = await MintAsync(session, new(), cancellation);
        return again.Trouble is null ? seen with { Trouble = Trouble.SpareKey, Detail = "the other key is accepted, and used from here on" } : again;
    }

    /// <summary>A request to mint with this body.</summary>
    public Task<HttpResponseMessage> AskAsync(HttpRequestMessage request, byte[] body, Exchange exchange, CancellationToken cancellation)
    {
        var dialect = resource.Destination.Dialect;
        var query = dialect.ApiVersion is { } version ? QueryString.Create("api-version", version) : QueryString.Empty;
        request.Method = HttpMethod.Post;
        request.Content = new ByteArrayContent(body) { Headers = { ContentType = Json } };
        return resource.AskAsync(request, dialect.MintPath ?? GaDialect.SecretsPath, query, exchange, cancellation);
    }

    private async Task<Observation> MintAsync(RequestedSession session, Exchange exchange, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage();
        using var response = await AskAsync(request, minting.BodyFor(session, resource.Destination), exchange, cancellation);
        if (!response.IsSuccessStatusCode)
            return await Refusal.ReadAsync(response, resource.Destination, time, cancellation);
        var minted = await minting.ReadAsync(response, resource.Destination, "doctor", cancellation);
        if (minted is not null)
            Minted = (session, minted.Secret);
        return new()
        {
            Trouble = minted is null ? Trouble.Unreadable : null,
            Detail = $"profile {session.Profile.Name}, deployment {resource.DeploymentFor(session)}",
            Status = (int)response.StatusCode,
            AzureRequestId = AnswerHeaders.AzureRequestId(response),
        };
    }
}
