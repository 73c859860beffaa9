using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Telemetry;

internal static class Scraping
{
    /// <summary>What Prometheus reads, line by line, without the label that says whose meter it is.</summary>
    public static async Task<string[]> ScrapeAsync(this Gateway gateway) =>
        [.. (await gateway.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken))
            .Split('\n').Select(line => line.Replace("otel_scope_name=\"RealtimeGateway\",", "", StringComparison.Ordinal))];

    /// <summary>What Prometheus reads and no cache holds: the runtime's own figures never stand still, and until they move the answer is the last scrape's.</summary>
    public static async Task<string[]> ScrapeAnewAsync(this Gateway gateway)
    {
        string[]? before = null;
        string[]? lines = null;
        await Eventually.ShouldAsync(async () =>
        {
            (before, lines) = (lines, await gateway.ScrapeAsync());
            return before is not null && !lines.SequenceEqual(before);
        });
        return lines!;
    }

    /// <summary>Waits until a series has this value; the exporter answers from its cache for a moment.</summary>
    public static Task ShowsAsync(this Gateway gateway, string line) => Eventually.ShouldAsync(async () => (await gateway.ScrapeAsync()).Contains(line));
}
