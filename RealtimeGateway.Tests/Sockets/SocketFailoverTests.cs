using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Sockets;

/// <summary>A socket is opened at the next destination when the first is in trouble; once it is open, it stays where it is.</summary>
public sealed class SocketFailoverTests : IAsyncDisposable
{
    private SocketUpstream _one = null!;
    private SocketUpstream _two = null!;
    private Gateway _gateway = null!;

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(429)]
    [InlineData(500)]
    public async Task A_handshake_that_one_refuses_is_made_with_the_next(int status)
    {
        await StartAsync();
        _gateway.Announce("answered a socket with", "is out until", "a destination answered 401 to");
        _one.Refuses = context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        };

        await using var caller = await ConnectAsync();

        Assert.Equal("session.created", (string?)(await caller.ReceiveAsync())["type"]);
        Assert.Equal((1, 1), (_one.Requests, _two.Requests));
        Assert.Equal("key-of-two", _two.Headers["api-key"]);
    }

    [Fact]
    public async Task A_session_that_one_does_not_take_is_had_from_the_next()
    {
        await StartAsync();
        _gateway.Announce("does not take a session");
        _one.AnswersUpdate = ["""{"type":"error","error":{"type":"invalid_request_error","code":"unknown_parameter","message":"leaked"}}"""];

        await using var caller = await ConnectAsync();

        Assert.Equal("session.created", (string?)(await caller.ReceiveAsync())["type"]);
        Assert.Equal((1, 1), (_one.Requests, _two.Requests));
        // One profile that it does not take says nothing about the destination.
        Assert.Equal("healthy", HealthOf("one"));
    }

    [Fact]
    public async Task One_that_confirms_no_session_in_time_is_left_for_the_next()
    {
        await StartAsync();
        _gateway.Announce("is out until");
        _one.AnswersUpdate = [];

        await using var caller = await ConnectAsync();

        Assert.Equal("session.created", (string?)(await caller.ReceiveAsync())["type"]);
        Assert.Equal((1, 1), (_one.Requests, _two.Requests));
    }

    /// <summary>The attempt's time, and the route's, are for opening.</summary>
    [Fact]
    public async Task An_open_socket_outlives_the_attempts_time_and_is_counted_well_while_it_lives()
    {
        await StartAsync("\"00:00:01\"");
        await using var caller = await ConnectAsync();
        await using var upstream = await _one.NextAsync();
        await caller.ReceiveAsync();

        Assert.Equal("healthy", HealthOf("one"));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        for (var i = 0; i < 5; i++)
        {
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            await caller.SendAsync("""{"type":"response.cancel"}""");
            Assert.Equal("""{"type":"response.cancel"}""", await upstream.ReceiveTextAsync());
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _one.DisposeAsync();
        await _two.DisposeAsync();
        await _gateway.DisposeAsync();
    }

    private string HealthOf(string name)
    {
        var destination = _gateway.Snapshot().Destinations.All.Single(one => one.Name == name);
        return destination.Report().State;
    }

    private async Task<Peer> ConnectAsync()
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(_gateway.Http.BaseAddress!) { Scheme = "ws", Path = "/realtime" }.Uri, TestContext.Current.CancellationToken);
        return new(socket);
    }

    private async Task StartAsync(string? timeout = null)
    {
        (_one, _two) = (await SocketUpstream.StartAsync(), await SocketUpstream.StartAsync());
        _gateway = Gateway.Start(
            new Dictionary<string, string?>(Gateway.Generous)
            {
                ["Credentials:one:ApiKey:Primary"] = "key-of-one",
                ["Credentials:two:ApiKey:Primary"] = "key-of-two",
            },
            settings =>
            {
                settings.Set("ReverseProxy:Routes:realtime:Metadata:AttemptTimeout", "\"00:00:01\"");
                if (timeout is not null)
                    settings.Set("ReverseProxy:Routes:realtime:Metadata:Timeout", timeout);
                settings.Set("ReverseProxy:Clusters:azureopenai:Destinations", $$"""
                    { "one": { "Address": "{{_one.Url}}", "Metadata": { "Credential": "one", "Priority": "0" } },
                      "two": { "Address": "{{_two.Url}}", "Metadata": { "Credential": "two", "Priority": "1" } } }
                    """);
            });
    }
}
