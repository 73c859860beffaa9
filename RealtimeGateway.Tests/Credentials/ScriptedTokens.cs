extern alias AzureSdk;

using System.Collections.Concurrent;
using AzureSdk::Azure.Core;

namespace RealtimeGateway.Tests.Credentials;

/// <summary>An identity whose answers a test gives, one after the other, in the order in which they were asked for.</summary>
internal sealed class ScriptedTokens : TokenCredential
{
    private readonly SemaphoreSlim _questions = new(0);
    private readonly ConcurrentQueue<TaskCompletionSource<AccessToken>> _open = new();
    private readonly ConcurrentQueue<(string[] Scopes, CancellationToken Cancellation)> _asked = new();

    public IReadOnlyList<(string[] Scopes, CancellationToken Cancellation)> Asked => [.. _asked];

    public Action OnAsked { get; set; } = () => { };

    public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken)
    {
        OnAsked();
        var answer = new TaskCompletionSource<AccessToken>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked.Enqueue((requestContext.Scopes, cancellationToken));
        _open.Enqueue(answer);
        _questions.Release();
        return new(answer.Task);
    }

    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Waits until somebody asks, and leaves the question open.</summary>
    public async Task WhenAskedAsync()
    {
        await WaitAsync();
        _questions.Release();
    }

    public async Task AnswerAsync(string token, DateTimeOffset expiresAt) => (await NextAsync()).SetResult(new(token, expiresAt));

    public async Task FailAsync(Exception exception) => (await NextAsync()).SetException(exception);

    private async Task<TaskCompletionSource<AccessToken>> NextAsync()
    {
        await WaitAsync();
        return _open.TryDequeue(out var answer) ? answer : throw new InvalidOperationException("The question is gone.");
    }

    private async Task WaitAsync() =>
        Assert.True(await _questions.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken), "Nobody asks for a token.");
}
