extern alias AzureSdk;

using AzureSdk::Azure.Core;
using AzureSdk::Azure.Identity;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using RealtimeGateway.Credentials;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Credentials;

public sealed class EntraCredentialTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(Start);
    private readonly FakeLogger _log = new();
    private readonly ScriptedTokens _tokens = new();
    private readonly EntraCredential _credential;

    public EntraCredentialTests() => _credential = new("entra", new() { Scope = "https://scope.example/.default" }, _tokens, _time, _log);

    [Fact]
    public async Task The_token_is_sent_as_a_bearer_and_asked_for_with_the_scope()
    {
        var waiting = CurrentAsync();
        await _tokens.AnswerAsync("one", Start.AddHours(1));

        Assert.Equal(("Authorization", "Bearer one"), (await waiting).Sent());
        Assert.Equal(["https://scope.example/.default"], Assert.Single(_tokens.Asked).Scopes);
        Assert.Equal(new CredentialReport("entra", "token", Start), _credential.Report());
    }

    [Fact]
    public async Task A_hundred_requests_share_one_flight()
    {
        var waiting = Enumerable.Range(0, 100).Select(_ => Task.Run(CurrentAsync)).ToArray();
        await _tokens.AnswerAsync("one", Start.AddHours(1));

        Assert.All(await Task.WhenAll(waiting), proof => Assert.Equal("Bearer one", proof.Sent().Value));
        Assert.Single(_tokens.Asked);
    }

    [Fact]
    public async Task A_request_that_leaves_does_not_take_the_flight_with_it()
    {
        using var leave = new CancellationTokenSource();
        var leaving = _credential.CurrentAsync(leave.Token).AsTask();
        var staying = CurrentAsync();
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);

        await _tokens.AnswerAsync("one", Start.AddHours(1));

        Assert.Equal("Bearer one", (await staying).Sent().Value);
        Assert.Single(_tokens.Asked);
        Assert.False(_tokens.Asked[0].Cancellation.IsCancellationRequested);
    }

    [Fact]
    public async Task It_is_renewed_five_minutes_ahead_while_requests_go_on_with_the_old_one()
    {
        await HasTokenAsync("one", Start.AddHours(1));
        _time.Advance(TimeSpan.FromMinutes(55) - TimeSpan.FromTicks(1));
        await CurrentAsync();
        Assert.Single(_tokens.Asked);
        _time.Advance(TimeSpan.FromTicks(1));

        var during = Enumerable.Range(0, 10).Select(_ => _credential.CurrentAsync(CancellationToken.None)).ToArray();
        Assert.All(during, proof => Assert.True(proof.IsCompletedSuccessfully));
        Assert.Equal("Bearer one", (await CurrentAsync()).Sent().Value);
        await _tokens.AnswerAsync("two", Start.AddHours(2));

        await Eventually.ShouldAsync(async () => (await CurrentAsync()).Sent().Value == "Bearer two");
        Assert.Equal(2, _tokens.Asked.Count);
    }

    [Theory]
    [InlineData(600, null, 540)] // a tenth of ten minutes ahead
    [InlineData(3600, null, 3300)] // five minutes ahead
    [InlineData(86400, 43200, 43200)] // when the issuer says so
    [InlineData(3600, 4000, 3600)] // never later than its end
    [InlineData(3600, 0, 30)] // not at once
    [InlineData(20, null, 20)] // not before it is of no use
    public void It_is_renewed_in_time(int expiresIn, int? refreshIn, int expected)
    {
        var answer = new AccessToken("t", Start.AddSeconds(expiresIn), refreshIn is { } seconds ? Start.AddSeconds(seconds) : null);

        Assert.Equal(Start.AddSeconds(expected), BearerToken.Of(answer, Start)?.RefreshAt);
    }

    [Fact]
    public async Task A_renewal_that_fails_keeps_the_old_token_until_it_really_expires()
    {
        await HasTokenAsync("one", Start.AddHours(1));
        _time.Advance(TimeSpan.FromMinutes(55));
        _credential.RefreshIfDue();
        await _tokens.FailAsync(new AuthenticationFailedException("AADSTS700016: no application; token eyJsecret"));
        await WhenStateIs("stale");
        _time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));

        Assert.Equal("Bearer one", (await CurrentAsync()).Sent().Value);
        await _tokens.FailAsync(new AuthenticationFailedException("again"));
        _time.Advance(TimeSpan.FromTicks(1));

        Assert.Equal(new CredentialReport("entra", "no_token", Start.AddHours(1)), _credential.Report());
        var away = await Assert.ThrowsAsync<CredentialAwayException>(CurrentAsync);
        Assert.Equal("Credential entra has no token: AuthenticationFailedException", away.Message);
        Assert.Null(away.InnerException);
    }

    [Fact]
    public async Task A_failure_is_logged_by_type_and_number_and_never_with_what_the_library_quotes()
    {
        var waiting = CurrentAsync();
        await _tokens.FailAsync(new AuthenticationFailedException("failed", new InvalidOperationException("AADSTS700016: eyJsecret was refused")));

        var away = await Assert.ThrowsAsync<CredentialAwayException>(() => waiting);

        Assert.Equal("Credential entra has no token: AuthenticationFailedException, InvalidOperationException, AADSTS700016", away.Message);
        var line = Assert.Single(_log.Collector.GetSnapshot());
        Assert.Equal(LogLevel.Warning, line.Level);
        Assert.Equal(
            "Credential entra: no new token (AuthenticationFailedException, InvalidOperationException, AADSTS700016); requests that need one fail; the next attempt is in 00:00:01", line.Message);
        Assert.Null(line.Exception);
    }

    [Fact]
    public async Task Without_a_token_nobody_asks_again_before_the_pause_is_over_and_the_pauses_grow_to_a_bound()
    {
        var pauses = new List<double>();
        for (var attempt = 1; attempt <= 8; attempt++)
        {
            var waiting = CurrentAsync();
            await _tokens.FailAsync(new CredentialUnavailableException("nobody"));
            await Assert.ThrowsAsync<CredentialAwayException>(() => waiting);
            var failedAt = _time.GetUtcNow();
            while (true)
            {
                await Assert.ThrowsAsync<CredentialAwayException>(CurrentAsync);
                Assert.Equal(attempt, _tokens.Asked.Count);
                _time.Advance(TimeSpan.FromSeconds(1));
                var isDue = _time.GetUtcNow() - failedAt >= TimeSpan.FromSeconds(Math.Min(30, Math.Pow(2, attempt - 1)));
                if (isDue)
                    break;
            }

            pauses.Add((_time.GetUtcNow() - failedAt).TotalSeconds);
        }

        Assert.Equal([1, 2, 4, 8, 16, 30, 30, 30], pauses);
    }

    [Fact]
    public async Task An_issuer_that_never_answers_is_given_up_and_asked_again()
    {
        var waiting = CurrentAsync();
        await _tokens.WhenAskedAsync();
        await Eventually.ShouldAsync(() =>
        {
            _time.Advance(EntraCredential.Patience);
            return waiting.IsCompleted;
        });

        Assert.Equal("Credential entra has no token: timeout", (await Assert.ThrowsAsync<CredentialAwayException>(() => waiting)).Message);
        _time.Advance(EntraCredential.LongestPause);
        var next = CurrentAsync();
        await _tokens.AnswerAsync("late", _time.GetUtcNow().AddHours(1)); // the first question, which nobody waits for any more
        await _tokens.AnswerAsync("one", _time.GetUtcNow().AddHours(1));

        Assert.Equal("Bearer one", (await next).Sent().Value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two\r\nlines")]
    [InlineData("schlüssel")]
    public async Task An_answer_that_no_header_can_carry_is_a_failure(string token)
    {
        var waiting = CurrentAsync();
        await _tokens.AnswerAsync(token, Start.AddHours(1));

        await Assert.ThrowsAsync<CredentialAwayException>(() => waiting);
    }

    [Fact]
    public async Task An_answer_that_has_expired_is_a_failure()
    {
        var waiting = CurrentAsync();
        await _tokens.AnswerAsync("old", Start);

        var away = await Assert.ThrowsAsync<CredentialAwayException>(() => waiting);

        Assert.Equal("Credential entra has no token: the answer was no token that could be sent", away.Message);
    }

    [Fact]
    public async Task A_token_after_failures_heals()
    {
        var waiting = CurrentAsync();
        await _tokens.FailAsync(new CredentialUnavailableException("nobody"));
        await Assert.ThrowsAsync<CredentialAwayException>(() => waiting);
        Assert.Equal(new CredentialReport("entra", "no_token", Start), _credential.Report());
        _time.Advance(TimeSpan.FromSeconds(1));

        await HasTokenAsync("one", Start.AddHours(1));

        Assert.Equal(new CredentialReport("entra", "token", Start.AddSeconds(1)), _credential.Report());
        Assert.Equal("Credential entra: a token is there, good until 2030-01-01T01:00:00.0000000+00:00", _log.Collector.GetSnapshot()[^1].Message);
    }

    [Fact]
    public async Task After_a_401_another_try_makes_sense_only_with_another_token()
    {
        await HasTokenAsync("one", Start.AddHours(1));
        var first = await CurrentAsync();
        Assert.False(_credential.TryTurnFrom(first));

        _time.Advance(TimeSpan.FromMinutes(55));
        _credential.RefreshIfDue();
        await _tokens.AnswerAsync("two", Start.AddHours(2));
        await Eventually.ShouldAsync(async () => (await CurrentAsync()).Sent().Value == "Bearer two");

        Assert.True(_credential.TryTurnFrom(first));
        _time.Advance(TimeSpan.FromHours(2));
        Assert.False(_credential.TryTurnFrom(first)); // it has none to send
    }

    [Fact]
    public async Task The_flight_carries_nothing_of_the_request_that_began_it()
    {
        var request = new AsyncLocal<string?> { Value = "the first request" };
        string? seen = "nothing";
        _tokens.OnAsked = () => seen = request.Value;
        var waiting = CurrentAsync();
        await _tokens.AnswerAsync("one", Start.AddHours(1));
        await waiting;

        Assert.Null(seen);
    }

    [Fact]
    public async Task A_good_token_is_handed_out_without_an_allocation()
    {
        await HasTokenAsync("one", Start.AddHours(1));
        Assert.True(SentProof.IsThere(_credential.CurrentAsync(CancellationToken.None)));

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            Assert.True(SentProof.IsThere(_credential.CurrentAsync(CancellationToken.None)));

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private Task<Proof> CurrentAsync() => _credential.CurrentAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(40), TestContext.Current.CancellationToken);

    private async Task HasTokenAsync(string token, DateTimeOffset expiresAt)
    {
        var waiting = CurrentAsync();
        await _tokens.AnswerAsync(token, expiresAt);
        await waiting;
    }

    private Task WhenStateIs(string state) => Eventually.ShouldAsync(() => _credential.Report().State == state);
}
