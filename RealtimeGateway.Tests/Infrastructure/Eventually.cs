namespace RealtimeGateway.Tests.Infrastructure;

/// <summary>Waits for something that announces itself nowhere.</summary>
internal static class Eventually
{
    /// <summary>What a busy machine may need beyond a promise of seconds.</summary>
    public static readonly TimeSpan Slack = TimeSpan.FromSeconds(5);

    public static Task ShouldAsync(Func<bool> isSo) => ShouldAsync(() => Task.FromResult(isSo()));

    public static async Task ShouldAsync(Func<Task<bool>> isSo)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await isSo())
            await timer.WaitForNextTickAsync(patience.Token);
    }
}
