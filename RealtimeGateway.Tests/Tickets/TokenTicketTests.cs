using System.Text.Json.Nodes;
using RealtimeGateway.Tests.Calls;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Tickets;

/// <summary>Tickets of callers that prove themselves by tokens of an issuer, with roles and scopes.</summary>
public sealed class TokenTicketTests : IAsyncLifetime
{
    private CallingAzure _azure = null!;
    private Issuer _issuer = null!;
    private Gateway _gateway = null!;

    public async ValueTask InitializeAsync() => (_azure, _issuer) = (await CallingAzure.StartAsync(), await Issuer.StartAsync());

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _issuer.DisposeAsync();
        await _azure.DisposeAsync();
    }

    [Fact]
    public async Task The_tickets_bearer_is_the_tokens_subject()
    {
        Start();
        var (ada, bob) = (Token("ada"), Token("bob"));
        using var response = await _gateway.RedeemAsync(await _gateway.TicketAsync(key: ada));
        Assert.Equal(201, (int)response.StatusCode);
        var call = response.Headers.Location!.OriginalString;

        Assert.Equal(404, await _gateway.AskAsync(call, bob).StatusAsync());
        Assert.Equal(204, await _gateway.HangUpAsync(call, Token("ada")).StatusAsync());
    }

    [Fact]
    public async Task A_route_asks_for_the_scopes_that_the_caller_had()
    {
        Start(settings => settings.Set("ReverseProxy:Routes:sdkcalls:Metadata:AllowedFor", "\"scope:voice;role:Agent\""));
        string[] roles = [.. Enumerable.Range(0, 200).Select(number => $"role-number-{number}-of-a-large-directory"), "Agent"];

        Assert.Equal(201, await _gateway.RedeemAsync(await _gateway.TicketAsync(key: Token("ada", ("scp", "read voice")))).StatusAsync());
        Assert.Equal(201, await _gateway.RedeemAsync(await _gateway.TicketAsync(key: Token("ada", ("roles", roles)))).StatusAsync());
        Assert.Equal(403, await _gateway.RedeemAsync(await _gateway.TicketAsync(key: Token("ada", ("scp", "read")))).StatusAsync());
    }

    [Fact]
    public async Task By_profile_the_tickets_own_counts()
    {
        Start(settings =>
        {
            settings.Set("Realtime:Profiles:gold", """{ "Models": [ "gpt-realtime" ], "Voices": [ "sage" ] }""");
            settings.Set("Limits:goldrush", """{ "Permits": 1, "Window": "01:00:00", "By": "profile" }""");
            settings.Set("ReverseProxy:Routes:sdkcalls:Metadata:Limit", "\"goldrush\"");
        });
        var ada = Token("ada");
        var (gold, more, plain) = (await GoldAsync(ada), await GoldAsync(ada), await _gateway.TicketAsync(key: ada));

        Assert.Equal(201, await _gateway.RedeemAsync(gold).StatusAsync());
        Assert.Equal(201, await _gateway.RedeemAsync(plain).StatusAsync());
        Assert.Equal(429, await _gateway.RedeemAsync(more).StatusAsync());
    }

    private Task<string> GoldAsync(string key) => _gateway.TicketAsync(key: key, path: Ticketing.Path + "?profile=gold");

    private string Token(string subject, params (string Name, object Value)[] claims) => _issuer.Token(DateTimeOffset.UtcNow, subject, claims: claims);

    private void Start(Action<JsonNode>? change = null) => _gateway = Gateway.StartWith(_azure.Url, _issuer.Settings(), change);
}
