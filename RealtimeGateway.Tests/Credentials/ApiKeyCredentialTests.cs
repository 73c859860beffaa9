using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using RealtimeGateway.Credentials;

namespace RealtimeGateway.Tests.Credentials;

public sealed class ApiKeyCredentialTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(Start);
    private readonly FakeLogger _log = new();

    [Fact]
    public async Task The_primary_key_is_sent_until_a_destination_refuses_it()
    {
        var credential = Credential("first", "second");

        Assert.Equal("first", await SentByAsync(credential));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(credential.TryTurnFrom(await ProofOfAsync(credential)));

        Assert.Equal("second", await SentByAsync(credential));
        Assert.Equal(new CredentialReport("west", "secondary", Start.AddMinutes(1)), credential.Report());
        Assert.Equal(
            (LogLevel.Warning, "Credential west: a destination answered 401 to the primary key, the secondary key is used from now on"),
            Assert.Single(Logged));
    }

    [Fact]
    public async Task A_thousand_401s_to_one_key_turn_once()
    {
        var credential = Credential("first", "second");
        var proof = await ProofOfAsync(credential);

        var mayTryAgain = new bool[1000];
        Parallel.For(0, mayTryAgain.Length, i => mayTryAgain[i] = credential.TryTurnFrom(proof));

        Assert.All(mayTryAgain, Assert.True);
        Assert.Equal("second", await SentByAsync(credential));
        Assert.Single(Logged);
    }

    [Fact]
    public async Task When_both_are_refused_there_is_no_other_try_and_one_error_says_so()
    {
        var credential = Credential("first", "second");
        credential.TryTurnFrom(await ProofOfAsync(credential));
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.False(credential.TryTurnFrom(await ProofOfAsync(credential)));
        Assert.False(credential.TryTurnFrom(await ProofOfAsync(credential)));

        Assert.Equal(new CredentialReport("west", "refused", Start.AddMinutes(1)), credential.Report());
        Assert.Equal(
            (LogLevel.Error, "Credential west: a destination answered 401 to the secondary key, and there is no key left that has not been refused"),
            Assert.Single(Logged, line => line.Level == LogLevel.Error));
        Assert.Equal(2, Logged.Length);
    }

    [Fact]
    public async Task When_both_are_refused_they_take_turns_so_that_the_mended_one_is_found()
    {
        var credential = Credential("first", "second");
        var sent = new List<string>();
        for (var probe = 0; probe < 5; probe++)
        {
            sent.Add(await SentByAsync(credential));
            credential.TryTurnFrom(await ProofOfAsync(credential));
        }

        Assert.Equal(["first", "second", "first", "second", "first"], sent);

        var mended = await ProofOfAsync(credential);
        _time.Advance(TimeSpan.FromMinutes(1));
        credential.Accepted(mended);

        Assert.Equal(new CredentialReport("west", "secondary", Start.AddMinutes(1)), credential.Report());
        Assert.Equal((LogLevel.Information, "Credential west: the secondary key is accepted again"), Logged[^1]);
        Assert.Equal("second", await SentByAsync(credential));
    }

    [Fact]
    public async Task Many_401s_at_once_to_the_last_key_alternate_once()
    {
        var credential = Credential("first", "second");
        credential.TryTurnFrom(await ProofOfAsync(credential));
        var last = await ProofOfAsync(credential);

        Parallel.For(0, 1000, _ => Assert.False(credential.TryTurnFrom(last)));

        Assert.Equal("first", await SentByAsync(credential));
    }

    [Fact]
    public async Task The_mended_key_becomes_current_whichever_is_next()
    {
        var credential = Credential("first", "second");
        var first = await ProofOfAsync(credential);
        credential.TryTurnFrom(first);
        var second = await ProofOfAsync(credential);
        credential.TryTurnFrom(second);

        credential.Accepted(second); // while the first would be next

        Assert.Equal("second", await SentByAsync(credential));
        Assert.Equal("secondary", credential.Report().State);
    }

    [Fact]
    public async Task A_late_answer_does_not_bring_a_refused_key_back()
    {
        var credential = Credential("first", "second");
        var first = await ProofOfAsync(credential);
        credential.TryTurnFrom(first);

        credential.Accepted(first);

        Assert.Equal(("second", "secondary"), (await SentByAsync(credential), credential.Report().State));
        Assert.False(credential.TryTurnFrom(await ProofOfAsync(credential))); // the first is still known to be refused
    }

    [Fact]
    public async Task One_key_alone_is_refused_and_healed_in_place()
    {
        var credential = Credential("only");
        var proof = await ProofOfAsync(credential);

        Assert.False(credential.TryTurnFrom(proof));
        Assert.Equal(("only", "refused"), (await SentByAsync(credential), credential.Report().State));
        credential.Accepted(proof);

        Assert.Equal(("only", "primary"), (await SentByAsync(credential), credential.Report().State));
        Assert.Equal([LogLevel.Error, LogLevel.Information], Logged.Select(line => line.Level));
    }

    [Fact]
    public async Task A_key_that_stays_keeps_its_mark_and_a_new_one_is_fresh()
    {
        var credential = Credential("first", "second");
        credential.TryTurnFrom(await ProofOfAsync(credential));
        _time.Advance(TimeSpan.FromHours(1));

        var sameFirst = New(["first", "third"], credential);
        var newFirst = New(["fresh", "second"], credential);

        Assert.Equal(("third", "secondary", Start), (await SentByAsync(sameFirst), sameFirst.Report().State, sameFirst.Report().Since));
        Assert.Equal(("fresh", "primary", Start.AddHours(1)), (await SentByAsync(newFirst), newFirst.Report().State, newFirst.Report().Since));
    }

    [Fact]
    public async Task What_is_learnt_before_a_reload_is_in_force_counts_too()
    {
        var before = Credential("first", "second");
        var after = New(["first", "third"], before);
        before.TryTurnFrom(await ProofOfAsync(before));

        Assert.True(after.TryTurnFrom(await ProofOfAsync(after)));

        Assert.Equal("third", await SentByAsync(after));
    }

    [Fact]
    public async Task What_one_destination_refuses_the_others_may_take()
    {
        var ring = Credential("first", "second");
        var (broken, good) = (ring.For(previous: null), ring.For(previous: null));

        Assert.True(broken.TryTurnFrom(await ProofOfAsync(broken)));
        Assert.False(broken.TryTurnFrom(await ProofOfAsync(broken)));
        Assert.Equal("first", await SentByAsync(good));
        good.Accepted(await ProofOfAsync(good));
        Assert.Equal(("first", "primary"), (await SentByAsync(good), ring.Report().State));

        // When it is asked again, and brings the second key to the top, which the other one does not take.
        Assert.False(broken.TryTurnFrom(await ProofOfAsync(broken)));
        Assert.Equal("second", await SentByAsync(good));
        Assert.True(good.TryTurnFrom(await ProofOfAsync(good)));
        Assert.Equal("first", await SentByAsync(good));
        good.Accepted(await ProofOfAsync(good));
        Assert.False(broken.TryTurnFrom(await ProofOfAsync(broken)));
        Assert.False(broken.TryTurnFrom(await ProofOfAsync(broken)));
        Assert.Equal("first", await SentByAsync(good));
    }

    [Fact]
    public async Task One_destination_turns_for_all_who_have_refused_nothing()
    {
        var ring = Credential("first", "second");
        var (one, other) = (ring.For(previous: null), ring.For(previous: null));

        one.TryTurnFrom(await ProofOfAsync(one));

        Assert.Equal("second", await SentByAsync(other));
    }

    [Fact]
    public async Task A_destination_remembers_what_it_has_refused_as_long_as_that_is_among_the_keys()
    {
        var before = Credential("first", "second");
        var one = before.For(previous: null);
        one.TryTurnFrom(await ProofOfAsync(one));
        before.Accepted(await ProofOfAsync(before));

        Assert.Same(one, before.For(one));
        var swapped = New(["second", "first"], before);
        var kept = swapped.For(one);
        Assert.False(kept.TryTurnFrom(await ProofOfAsync(kept)));
        var replaced = New(["second", "third"], before).For(one);
        Assert.True(replaced.TryTurnFrom(await ProofOfAsync(replaced)));
    }

    [Fact]
    public async Task Asking_and_accepting_allocate_nothing_while_all_is_well()
    {
        var credential = Credential("first", "second");
        var proof = await ProofOfAsync(credential);
        Use();

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            Use();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Use()
        {
            Assert.True(SentProof.IsThere(credential.CurrentAsync(CancellationToken.None)));
            credential.Accepted(proof);
        }
    }

    private (LogLevel Level, string Message)[] Logged => [.. _log.Collector.GetSnapshot().Select(record => (record.Level, record.Message))];

    private ApiKeyCredential Credential(params string[] values) => New(values, previous: null);

    private ApiKeyCredential New(string[] values, ApiKeyCredential? previous) => new("west", values, previous, _time, _log);

    private static async Task<Proof> ProofOfAsync(ICredential credential) => await credential.CurrentAsync(TestContext.Current.CancellationToken);

    private static async Task<string> SentByAsync(ICredential credential) => (await ProofOfAsync(credential)).Sent().Value;
}
