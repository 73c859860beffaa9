using System.Net.WebSockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using RealtimeGateway.Sockets;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Sockets;

/// <summary>How conversations end, by whom, and what is left of them: nothing.</summary>
public sealed class EndingTests : IAsyncDisposable
{
    private const string Handshake =
        "GET /realtime HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    private readonly FakeTimeProvider _time = new(new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private SocketGateway _gateway = null!;
    private OpenSockets? _open; // kept, because a gateway that has ended has no services any more

    [Theory]
    [InlineData(1000, "done")]
    [InlineData(1001, null)]
    [InlineData(4000, "beta shape")]
    [InlineData(4321, "any words: of mine!")]
    public async Task The_callers_goodbye_reaches_the_service_and_the_services_the_caller(int code, string? reason)
    {
        var (caller, upstream) = await OpenAsync();
        await caller.CloseAsync(code, reason);
        Assert.Equal((code, reason), await upstream.ReceiveCloseAsync());
        await upstream.CloseAsync(4001, "heard_you");

        Assert.Equal((4001, "heard_you"), await caller.ReceiveCloseAsync());
        await AssertNothingIsLeftAsync();
    }

    [Theory]
    [InlineData(1000, null, null)]
    [InlineData(1001, "session_expired", "session_expired")]
    [InlineData(4000, "resource leaked-name", null)]
    [InlineData(4321, "the-deployment", null)]
    public async Task The_services_goodbye_keeps_its_code_and_a_reason_that_gives_nothing_away(int code, string? theirs, string? reason)
    {
        var (caller, upstream) = await OpenAsync();
        await upstream.CloseAsync(code, theirs);
        Assert.Equal((code, reason), await caller.ReceiveCloseAsync());
        await caller.CloseAsync(code);

        Assert.Equal((code, null), await upstream.ReceiveCloseAsync());
        await AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task After_its_goodbye_a_caller_still_hears_what_the_service_has_to_say()
    {
        var (caller, upstream) = await OpenAsync();
        await caller.CloseAsync(1000);
        await upstream.ReceiveCloseAsync();
        await upstream.SendAsync("""{"type":"response.output_text.done","text":"bye"}""");
        await upstream.CloseAsync(1000);

        Assert.Equal("""{"type":"response.output_text.done","text":"bye"}""", await caller.ReceiveTextAsync());
        Assert.Equal((1000, null), await caller.ReceiveCloseAsync());
    }

    [Fact]
    public async Task A_goodbye_without_a_code_becomes_a_normal_one()
    {
        _gateway = await SocketGateway.StartAsync(time: _time);
        using var caller = await RawConnection.OpenAsync(_gateway.Gateway);
        await caller.SendAsync(Handshake);
        var upstream = await _gateway.Upstream.NextAsync();
        await caller.SendAsync([0x88, 0x80, 1, 2, 3, 4]);

        Assert.Equal((1000, null), await upstream.ReceiveCloseAsync());
    }

    [Fact]
    public async Task A_caller_that_vanishes_takes_the_services_socket_with_it()
    {
        var (caller, upstream) = await OpenAsync();
        caller.Socket.Abort();

        Assert.Equal((1001, "caller_gone"), await upstream.ReceiveCloseAsync());
        await upstream.CloseAsync(1001);
        await AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task A_service_that_vanishes_is_told_as_1011()
    {
        var (caller, upstream) = await OpenAsync();
        upstream.Socket.Abort();

        Assert.Equal((1011, "upstream_unavailable"), await caller.ReceiveCloseAsync());
        await caller.CloseAsync(1000);
        await AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task A_side_that_says_no_goodbye_is_not_waited_for_long()
    {
        var (caller, upstream) = await OpenAsync();
        await caller.CloseAsync(1000, "done");
        await upstream.ReceiveCloseAsync();
        var goodbye = caller.ReceiveCloseAsync();
        await Eventually.ShouldAsync(() =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(20)); // in small steps, so that what is being sent meanwhile has time to go out
            return goodbye.IsCompleted;
        });

        Assert.Equal((1000, "done"), await goodbye);
        _time.Advance(TimeSpan.FromSeconds(1));
        await AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task An_idle_socket_is_closed_with_a_reason()
    {
        var (caller, upstream) = await OpenAsync();
        for (var i = 0; i < 6; i++)
        {
            _time.Advance(TimeSpan.FromMinutes(4)); // less than half, since a message is heard before it counts
            await caller.SendAsync("""{"type":"response.cancel"}""");
            await upstream.ReceiveTextAsync();
        }

        _time.Advance(TimeSpan.FromMinutes(10)); // and no further: whoever does not answer a goodbye is cut off soon

        Assert.Equal((1001, "idle_timeout"), await caller.ReceiveCloseAsync());
        Assert.Equal((1001, "idle_timeout"), await upstream.ReceiveCloseAsync());
        await caller.CloseAsync(1000);
        await upstream.CloseAsync(1000);
        await AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task A_long_message_on_a_slow_line_is_not_idle()
    {
        var (caller, upstream) = await OpenAsync();
        var (piece, arrived) = (new string('A', 16 * 1024), 0);
        await caller.SendAsync("{\"type\":\"input_audio_buffer.append\",\"audio\":\"" + piece, isEnd: false);
        for (var i = 0; i < 5; i++)
        {
            _time.Advance(TimeSpan.FromMinutes(4));
            await caller.SendAsync(piece, isEnd: false);
            for (var due = arrived + piece.Length; arrived < due;)
                arrived += (await upstream.ReceivePieceAsync()).Text.Length; // what fills a buffer passes, so there is always something left behind
        }

        await caller.SendAsync("\"}");
        Assert.EndsWith("A\"}", await upstream.ReceiveTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_route_says_how_long_a_socket_may_be_idle()
    {
        var (caller, upstream) = await OpenAsync(settings => settings.Set("ReverseProxy:Routes:realtime:Metadata:IdleTimeout", "\"00:00:30\""));
        _time.Advance(TimeSpan.FromSeconds(31));

        Assert.Equal((1001, "idle_timeout"), await caller.ReceiveCloseAsync());
        Assert.Equal((1001, "idle_timeout"), await upstream.ReceiveCloseAsync());
    }

    [Fact]
    public async Task Draining_says_goodbye_to_both_at_once()
    {
        var (caller, upstream) = await OpenAsync();
        Assert.Equal(1, Count());
        _gateway.Gateway.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        Assert.Equal((1001, "draining"), await caller.ReceiveCloseAsync());
        Assert.Equal((1001, "draining"), await upstream.ReceiveCloseAsync());
        await caller.CloseAsync(1000);
        await upstream.CloseAsync(1000);
        await AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task A_grace_is_one_for_sockets_too()
    {
        var (caller, upstream) = await OpenAsync(variables: new() { ["Shutdown:Grace"] = "00:00:05" });
        _gateway.Gateway.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        await upstream.SendAsync("""{"type":"response.output_text.done","text":"still here"}""");
        var heard = await caller.ReceiveTextAsync();
        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.Contains("still here", heard, StringComparison.Ordinal);
        Assert.Equal((1001, "draining"), await caller.ReceiveCloseAsync());
        await caller.CloseAsync(1000);
        await upstream.CloseAsync(1000);
        await AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task A_caller_that_does_not_care_does_not_hold_up_the_end_of_the_gateway()
    {
        _gateway = await SocketGateway.StartAsync();
        await _gateway.OpenAsync();
        Assert.Equal(1, Count());
        var end = _gateway.Gateway.Services.GetRequiredService<IHost>().StopAsync(TestContext.Current.CancellationToken);

        await end.WaitAsync(TimeSpan.FromSeconds(25), TestContext.Current.CancellationToken); // the host's own patience is 30 s
        Assert.Equal(0, Count());
    }

    [Fact]
    public async Task A_call_counts_as_long_as_its_socket_lives()
    {
        var (caller, upstream) = await OpenAsync(variables: new() { ["Limits:sessionsatonce:Permits"] = "1" });
        for (var i = 0; i < 15; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(20));
            Assert.Equal("too_many_calls", await RefusedAsync());
        }

        await caller.CloseAsync(1000);
        await upstream.ReceiveCloseAsync();
        await upstream.CloseAsync(1000);
        await caller.ReceiveCloseAsync();
        await AssertNothingIsLeftAsync();
        await using var next = await _gateway.ConnectAsync();
        await using var nextUpstream = await _gateway.Upstream.NextAsync();
    }

    [Fact]
    public async Task A_socket_that_never_came_to_be_is_no_call()
    {
        _gateway = await SocketGateway.StartAsync(variables: new Dictionary<string, string?> { ["Limits:sessionsatonce:Permits"] = "1" });
        _gateway.Gateway.Announce("answered a socket with");
        _gateway.Upstream.Refuses = context =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        };

        for (var i = 0; i < 3; i++)
            Assert.Equal("upstream_unavailable", await RefusedAsync());
        Assert.Equal(0, Count());
    }

    /// <summary>A caller that reads nothing must stop the service from sending, not fill the gateway's memory.</summary>
    [Fact]
    public async Task A_caller_that_does_not_read_stops_the_service()
    {
        _gateway = await SocketGateway.StartAsync();
        using var caller = await RawConnection.OpenAsync(_gateway.Gateway);
        await caller.SendAsync(Handshake);
        var upstream = await _gateway.Upstream.NextAsync();
        await using var _ = upstream;
        var delta = Encoding.UTF8.GetBytes("{\"type\":\"response.output_audio.delta\",\"delta\":\"" + new string('A', 64 * 1024) + "\"}");

        var sent = 0L;
        using var stalled = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            while (true)
            {
                stalled.CancelAfter(TimeSpan.FromSeconds(2)); // what is not taken in that time will not be
                await upstream.Socket.SendAsync(delta.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, stalled.Token);
                sent += delta.Length;
                if (sent > 64 * 1024 * 1024)
                    Assert.Fail("The gateway takes without end."); // what the system's buffers hold is less
            }
        });

        Assert.True(sent > 0, "the gateway takes what the caller may still read");
        caller.Dispose();
        await AssertNothingIsLeftAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null)
            await _gateway.DisposeAsync();
    }

    private async Task<(Peer Caller, Peer Upstream)> OpenAsync(
        Action<System.Text.Json.Nodes.JsonNode>? change = null, Dictionary<string, string?>? variables = null)
    {
        _gateway = await SocketGateway.StartAsync(change, _time, variables);
        return await _gateway.OpenAsync();
    }

    private async Task<string?> RefusedAsync()
    {
        using var response = await _gateway.RefusedAsync();
        return (string?)System.Text.Json.Nodes.JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["error"]!["code"];
    }

    private long Count() => (_open ??= _gateway.Gateway.Services.GetRequiredService<OpenSockets>()).Count;

    private Task AssertNothingIsLeftAsync() => Eventually.ShouldAsync(() => Count() == 0);
}
