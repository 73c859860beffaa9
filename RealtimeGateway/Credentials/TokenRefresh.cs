using RealtimeGateway.Configuration;

namespace RealtimeGateway.Credentials;

/// <summary>Keeps the tokens in force fresh without waiting for a request, the first one after a start or a reload included.</summary>
internal sealed class TokenRefresh(LiveConfiguration live, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            foreach (var credential in live.Current.Credentials.Values.OfType<EntraCredential>())
                credential.RefreshIfDue();
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
