using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RealtimeGateway.Credentials;
using RealtimeGateway.Proxy;
using RealtimeGateway.Web;

namespace RealtimeGateway.Tests.Proxy;

public sealed class DestinationHealthTests
{
    private static readonly CircuitRules Circuit = new(Failures: 3, TimeSpan.FromSeconds(5));
    private static readonly ApiKeyCredential Key = KeyOf("value");

    private readonly FakeTimeProvider _time = new(new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly DestinationHealth _health;

    public DestinationHealthTests() => _health = new(_time);

    [Fact]
    public void A_stated_wait_keeps_everybody_away_until_it_is_over_and_no_later()
    {
        Assert.Equal(_time.GetUtcNow() + TimeSpan.FromMilliseconds(1500), Fail(Throttled(TimeSpan.FromMilliseconds(1500))));

        Assert.Equal(Standing.Quiet, Stand());
        After(1.499);
        Assert.Equal(Standing.Quiet, Stand());
        After(0.001);
        Assert.Equal(Standing.Ready, Stand());
    }

    [Fact]
    public void A_later_word_does_not_shorten_a_longer_wait()
    {
        Fail(Throttled(TimeSpan.FromSeconds(60)));

        Assert.Null(Fail(Throttled(TimeSpan.FromSeconds(1))));

        Assert.Equal(TimeSpan.FromSeconds(60), _health.QuietFor());
    }

    [Fact]
    public void A_throttled_destination_that_does_not_say_for_how_long_is_only_the_last_choice()
    {
        Fail(Throttled(wait: null));

        Assert.Equal((Standing.Impaired, TimeSpan.Zero), (Stand(), _health.QuietFor()));
        After(10);
        Assert.Equal(Standing.ProbeDue, Stand());
    }

    [Fact]
    public void Only_failures_in_a_row_open_the_circuit()
    {
        Assert.Null(Fail(UpstreamFailure.Reset));
        Assert.Null(Fail(UpstreamFailure.Reset));
        Assert.False(_health.Succeeded());
        Assert.Null(Fail(UpstreamFailure.Reset));
        Assert.Null(Fail(UpstreamFailure.TimedOut));
        Assert.Equal(Standing.Ready, Stand());

        Assert.NotNull(Fail(UpstreamFailure.Unreadable));

        Assert.Equal(Standing.Impaired, Stand());
    }

    [Fact]
    public void After_the_break_one_request_probes_and_success_heals()
    {
        Open();
        After(5);

        Assert.Equal(Standing.ProbeDue, Stand());
        Assert.True(_health.TryBeginProbe());
        Assert.False(_health.TryBeginProbe());
        Assert.Equal(Standing.Impaired, Stand());
        Assert.True(_health.Succeeded());
        _health.EndProbe();
        Assert.Equal(Standing.Ready, Stand());
    }

    [Fact]
    public void A_probe_that_came_to_nothing_makes_room_for_another()
    {
        Open();
        After(5);
        _health.TryBeginProbe();

        _health.EndProbe();

        Assert.Equal(Standing.ProbeDue, Stand());
    }

    [Fact]
    public void Each_probe_that_fails_doubles_the_break_up_to_a_minute_and_success_forgets_it()
    {
        Open();
        var breaks = new List<double>();
        for (var i = 0; i < 6; i++)
        {
            _time.SetUtcNow(Report().Until!.Value);
            breaks.Add((Fail(UpstreamFailure.Reset)!.Value - _time.GetUtcNow()).TotalSeconds);
        }

        Assert.Equal([10, 20, 40, 60, 60, 60], breaks);
        _health.Succeeded();
        Open();
        Assert.Equal(TimeSpan.FromSeconds(5), Report().Until - _time.GetUtcNow());
    }

    [Fact]
    public void A_break_that_is_longer_than_a_minute_stays_as_long()
    {
        var patient = new CircuitRules(Failures: 1, TimeSpan.FromMinutes(10));
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(_time.GetUtcNow().AddMinutes(10), _health.Failed(UpstreamFailure.Reset, Key, patient));
            After(600);
        }
    }

    [Fact]
    public void A_probe_after_another_cause_needs_no_row_of_failures_to_keep_it_out()
    {
        Fail(Throttled(wait: null));
        After(10);

        Assert.Equal(_time.GetUtcNow().AddSeconds(5), Fail(UpstreamFailure.Reset));
    }

    [Fact]
    public void What_was_on_its_way_when_the_circuit_opened_does_not_lengthen_the_break()
    {
        Open();
        After(4);

        Assert.Null(Fail(UpstreamFailure.Reset));

        After(1);
        Assert.Equal(Standing.ProbeDue, Stand());
    }

    [Fact]
    public void A_fault_of_our_own_takes_it_out_at_once_and_a_new_credential_brings_it_back()
    {
        Assert.Equal(_time.GetUtcNow() + TimeSpan.FromSeconds(30), Fail(new(FailureKind.Misconfigured, "DeploymentNotFound", GatewayError.UpstreamMisconfigured)));

        Assert.Equal(Standing.Impaired, Stand());
        Assert.Equal(Standing.Ready, _health.Stand(KeyOf("another")));
    }

    [Fact]
    public void It_tells_how_it_is()
    {
        Assert.Equal(("healthy", null, null), Told());
        Open();
        Assert.Equal(("failing", "reset", _time.GetUtcNow().AddSeconds(5)), Told());
        After(5);
        Assert.Equal("probing", Told().State);
        Fail(Throttled(TimeSpan.FromSeconds(9)));
        Assert.Equal(("throttled", "429", _time.GetUtcNow().AddSeconds(9)), Told());
        _health.Succeeded();
        After(9);
        Assert.Equal("healthy", Told().State);
        Fail(new(FailureKind.Unauthorized, "401", GatewayError.UpstreamMisconfigured));
        Assert.Equal(("misconfigured", "401"), (Told().State, Told().Cause));
    }

    [Fact]
    public void What_another_credential_met_does_not_count_against_this_one()
    {
        Fail(new(FailureKind.Unauthorized, "401", GatewayError.UpstreamMisconfigured));

        Assert.Null(_health.Failed(UpstreamFailure.Reset, KeyOf("another"), Circuit));
    }

    [Fact]
    public void A_clock_that_is_put_back_makes_no_wait_and_no_break_longer()
    {
        var time = new WrongClock { Wrong = TimeSpan.FromDays(365) };
        var throttled = new DestinationHealth(time);
        var failing = new DestinationHealth(time);
        throttled.Failed(Throttled(TimeSpan.FromSeconds(9)), Key, Circuit);
        failing.Failed(new(FailureKind.Misconfigured, "403", GatewayError.UpstreamMisconfigured), Key, Circuit);

        time.Wrong = TimeSpan.Zero;
        Assert.Equal(TimeSpan.FromSeconds(9), throttled.QuietFor());
        time.Passed = TimeSpan.FromSeconds(30);

        Assert.Equal((Standing.Ready, Standing.ProbeDue), (throttled.Stand(Key), failing.Stand(Key)));
    }

    /// <summary>A machine whose time of day is wrong, and set right later.</summary>
    private sealed class WrongClock : TimeProvider
    {
        public TimeSpan Wrong { get; set; }

        public TimeSpan Passed { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Passed.Ticks;

        public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2030, 1, 1, 12, 0, 0, TimeSpan.Zero) + Passed + Wrong;
    }

    private static ApiKeyCredential KeyOf(string value) => new("key", [value], previous: null, TimeProvider.System, NullLogger.Instance);

    private static UpstreamFailure Throttled(TimeSpan? wait) => new(FailureKind.Throttled, "429", GatewayError.UpstreamRateLimited) { Status = 429, StatedWait = wait };

    private DateTimeOffset? Fail(UpstreamFailure failure) => _health.Failed(failure, Key, Circuit);

    private void Open()
    {
        for (var i = 0; i < Circuit.Failures; i++)
            Fail(UpstreamFailure.Reset);
    }

    private void After(double seconds) => _time.Advance(TimeSpan.FromSeconds(seconds));

    private Standing Stand() => _health.Stand(Key);

    private (string State, string? Cause, DateTimeOffset? Until) Told() => (Report().State, Report().Cause, Report().Until);

    private DestinationReport Report() => _health.Report(new()
    {
        Cluster = "cluster",
        Name = "one",
        Address = new("https://one.example/"),
        Credential = Key,
        Health = _health,
        PassThroughHealth = new(_time),
        Circuit = Circuit,
        State = new("one"),
        Dialect = new RealtimeGateway.Sessions.GaDialect(),
        WebRtcUrl = "https://one.example/calls",
    });
}
