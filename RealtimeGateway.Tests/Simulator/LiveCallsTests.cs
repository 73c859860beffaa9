using System.Text.Json.Nodes;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RealtimeGateway.Simulator.Calls;
using RealtimeGateway.Simulator.Conversations;
using RealtimeGateway.Simulator.Minting;

namespace RealtimeGateway.Tests.Simulator;

public sealed class LiveCallsTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly ApplicationLifetime _lifetime = new(NullLogger<ApplicationLifetime>.Instance);
    private readonly LiveCalls _calls;
    private readonly SimulatedModel _model;

    public LiveCallsTests()
    {
        _calls = new(_time, NullLogger<LiveCalls>.Instance, _lifetime);
        _model = new(new(), new(), _time);
    }

    [Fact]
    public async Task A_call_that_has_ended_is_not_found_though_its_last_event_is_still_on_its_way()
    {
        var call = NewCall();
        var stuck = new StuckTransport();
        call.Conversation.Join(stuck);
        Assert.True(_calls.TryBegin(call));
        Assert.True(_calls.TryFind(call.Id, out _));

        Assert.True(call.TryEnd(CallEnd.HungUp));

        Assert.False(_calls.TryFind(call.Id, out _));
        Assert.False(call.TryEnd(CallEnd.PeerLeft));
        Assert.Equal(CallEnd.HungUp, Assert.Single(_calls.All).End);
        stuck.Release();
        await call.Running;
        Assert.Equal(CallEnd.HungUp, Assert.Single(_calls.All).End);
    }

    [Fact]
    public async Task There_is_room_for_so_many_and_one_that_ends_makes_room()
    {
        var first = NewCall();
        Assert.True(_calls.TryBegin(first));
        for (var i = 1; i < LiveCalls.MostLive; i++) Assert.True(_calls.TryBegin(NewCall()));
        Assert.False(_calls.TryBegin(NewCall()));

        first.TryEnd(CallEnd.HungUp);
        await first.Running;

        Assert.True(_calls.TryBegin(NewCall()));
    }

    [Fact]
    public async Task A_stop_ends_every_call_and_the_one_that_comes_too_late()
    {
        var (early, late) = (NewCall(), NewCall());
        _calls.TryBegin(early);

        _lifetime.StopApplication();
        _calls.TryBegin(late);
        await Task.WhenAll(early.Running, late.Running);

        Assert.Equal([CallEnd.Stopped, CallEnd.Stopped], _calls.All.Select(call => call.End!.Value));
    }

    public void Dispose() => _calls.Dispose();

    private Call NewCall()
    {
        var session = SimulatedSession.Ga(new JsonObject { ["model"] = "gpt-realtime" });
        return new(new("gpt-realtime", Surface.Ga, CallMedia.None, IsFiltered: false, SecretUse: 1), _model.Open(session, Surface.Ga, Medium.Tracks), _time.GetUtcNow());
    }

    private sealed class StuckTransport : IConversationTransport
    {
        private readonly TaskCompletionSource _released = new();

        public void Release() => _released.SetResult();

        public ValueTask SendAsync(string serverEvent, CancellationToken cancellationToken) => new(_released.Task);

        public ValueTask PlayAsync(ReadOnlyMemory<byte> pcm, CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask SilenceAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }
}
