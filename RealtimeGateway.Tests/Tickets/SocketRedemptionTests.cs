using System.Net.WebSockets;
using System.Text.Json.Nodes;
using RealtimeGateway.Tests.Calls;
using RealtimeGateway.Tests.Infrastructure;
using RealtimeGateway.Tests.Sockets;

namespace RealtimeGateway.Tests.Tickets;

/// <summary>A ticket as the key of a socket.</summary>
public sealed class SocketRedemptionTests : IAsyncDisposable
{
    private readonly CallersKey _key = CallersKey.New();
    private SocketGateway _gateway = null!;

    public ValueTask DisposeAsync() => _gateway.DisposeAsync();

    [Theory]
    [InlineData("/realtime", true, true)]
    [InlineData("/realtime", false, false)]
    [InlineData(Ticketing.SocketPath, true, false)]
    [InlineData(Ticketing.SocketPath, false, true)]
    public async Task It_opens_one_and_no_second(string path, bool bySubprotocol, bool isOpen)
    {
        await StartAsync(path, isOpen);
        var ticket = await TicketAsync(isOpen);

        var caller = await ConnectAsync(ticket, bySubprotocol);
        await using var upstream = await _gateway.Upstream.NextAsync();
        Assert.Equal("session.created", (string?)(await caller.ReceiveAsync())["type"]);
        Assert.Equal(bySubprotocol ? "realtime" : null, caller.Socket.SubProtocol);
        Assert.Equal(401, await StatusAsync(ticket, bySubprotocol));

        Assert.Equal(1, _gateway.Upstream.Requests);
        Assert.DoesNotContain(_gateway.Upstream.Headers.Values.Append(_gateway.Upstream.PathAndQuery).Append(_gateway.Upstream.Update), text => text.Contains("ek_", StringComparison.Ordinal));
        Assert.Equal(Gateway.Key, _gateway.Upstream.Headers["api-key"]);
        _gateway.Gateway.AssertNoSecretLogged();
    }

    [Fact]
    public async Task What_was_chosen_holds_before_the_caller_can_speak()
    {
        await StartAsync(Ticketing.SocketPath, change: settings =>
        {
            settings.Set("Realtime:Profiles:assistant:ClientMaySet", """[ "voice", "model", "instructions" ]""");
            settings.Set("Realtime:Profiles:assistant:Models", """[ "gpt-realtime", "gpt-realtime-mini" ]""");
        });
        var ticket = await TicketAsync(body: """{"session":{"type":"realtime","model":"gpt-realtime-mini","instructions":"chosen","audio":{"output":{"voice":"cedar"}}}}""");

        var caller = await ConnectAsync(ticket, bySubprotocol: true, query: "model=gpt-realtime");

        Assert.Equal("gpt-realtime-mini", (string?)(await caller.ReceiveAsync())["session"]!["model"]);
        var update = JsonNode.Parse(_gateway.Upstream.Update)!["session"]!;
        Assert.Equal(("chosen", "cedar"), ((string?)update["instructions"], (string?)update["audio"]!["output"]!["voice"]));
    }

    [Fact]
    public async Task The_model_was_chosen_when_it_was_made()
    {
        await StartAsync("/realtime", change: settings =>
        {
            settings.Set("Realtime:Profiles:assistant:ClientMaySet", """[ "model" ]""");
            settings.Set("Realtime:Profiles:assistant:Models", """[ "gpt-realtime", "gpt-realtime-mini" ]""");
        });
        var ticket = await TicketAsync();

        using var refused = await _gateway.RefusedAsync("model=gpt-realtime-mini", ("Authorization", $"Bearer {ticket}"));
        await refused.ShouldFailAsync(400, "field_not_allowed", "model");

        var caller = await ConnectAsync(ticket, bySubprotocol: false, query: "model=gpt-realtime"); // it was not lost
        Assert.Equal("gpt-realtime", (string?)(await caller.ReceiveAsync())["session"]!["model"]);
    }

    [Fact]
    public async Task It_is_for_its_profile_and_no_other()
    {
        await StartAsync(Ticketing.SocketPath, change: settings => settings.Set("Realtime:Profiles:gold", """{ "Models": [ "gpt-realtime" ], "Voices": [ "sage" ] }"""));
        var ticket = await TicketAsync(query: "?profile=gold");

        using var other = await _gateway.RefusedAsync("profile=assistant", ("Authorization", $"Bearer {ticket}"));
        await other.ShouldFailAsync(403, "forbidden", "profile");

        var caller = await ConnectAsync(ticket, bySubprotocol: true);
        Assert.Equal("session.created", (string?)(await caller.ReceiveAsync())["type"]);
        Assert.Contains("\"voice\":\"sage\"", _gateway.Upstream.Update, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_without_an_upgrade_does_not_cost_it()
    {
        await StartAsync(Ticketing.SocketPath);
        var ticket = await TicketAsync();
        Assert.Equal(426, await _gateway.Gateway.SendAsync(HttpMethod.Get, Ticketing.SocketPath, ticket).StatusAsync());

        var caller = await ConnectAsync(ticket, bySubprotocol: true);

        Assert.Equal("session.created", (string?)(await caller.ReceiveAsync())["type"]);
    }

    private Task<Peer> ConnectAsync(string ticket, bool bySubprotocol, string query = "") => _gateway.ConnectAsync(query, options =>
    {
        if (bySubprotocol)
            options.OfferTicket(ticket);
        else
            options.SetRequestHeader("Authorization", $"Bearer {ticket}");
    });

    private async Task<int> StatusAsync(string ticket, bool bySubprotocol)
    {
        var header = bySubprotocol ? ("Sec-WebSocket-Protocol", $"realtime, openai-insecure-api-key.{ticket}") : ("Authorization", $"Bearer {ticket}");
        using var response = await _gateway.RefusedAsync("", header);
        await response.ShouldFailAsync(401, "unauthorized");
        return (int)response.StatusCode;
    }

    private Task<string> TicketAsync(bool isOpen = false, string? body = null, string query = "") =>
        _gateway.Gateway.TicketAsync(body, isOpen ? null : _key.Key, Ticketing.Path + query);

    private async Task StartAsync(string path, bool isOpen = false, Action<JsonNode>? change = null) => _gateway = await SocketGateway.StartAsync(
        change, variables: isOpen ? null : new Dictionary<string, string?> { ["Callers:Keys:web:Hash"] = _key.Hash }, path: path);
}
