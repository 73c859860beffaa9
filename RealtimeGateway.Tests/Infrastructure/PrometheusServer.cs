using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace RealtimeGateway.Tests.Infrastructure;

/// <summary>A real Prometheus on a free port of loopback, which scrapes one gateway every second.</summary>
public sealed class PrometheusServer : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("realtime-gateway-prometheus-").FullName;
    private readonly Process _process;
    private readonly HttpClient _http;

    private PrometheusServer(Uri target)
    {
        var address = FreeAddress.Next();
        _http = new() { BaseAddress = new Uri(address) };
        var configuration = Path.Combine(_folder, "prometheus.yaml");
        File.WriteAllText(configuration, $$"""
            global: { scrape_interval: 1s, scrape_timeout: 1s }
            scrape_configs: [ { job_name: realtime-gateway, static_configs: [ { targets: [ "{{target.Authority}}" ] } ] } ]
            """);
        string[] options =
        [
            $"--config.file={configuration}", $"--storage.tsdb.path={Path.Combine(_folder, "data")}", $"--web.listen-address={new Uri(address).Authority}", "--log.level=error",
        ];
        _process = Process.Start(new ProcessStartInfo("prometheus", options) { UseShellExecute = false })!;
    }

    /// <summary>Starts it and waits until it has scraped once.</summary>
    public static async Task<PrometheusServer> StartAsync(Gateway gateway)
    {
        var server = new PrometheusServer(gateway.Http.BaseAddress!);
        await Eventually.ShouldAsync(async () => await server.IsReadyAsync() && (await server.QueryAsync("up == 1")).Count == 1);
        return server;
    }

    /// <summary>The values of an instant query, by their labels; fails when the query is in error.</summary>
    public async Task<IReadOnlyDictionary<string, double>> QueryAsync(string query)
    {
        using var response = await _http.GetAsync("/api/v1/query?query=" + Uri.EscapeDataString(query), TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{query}: {text}");
        var result = JsonNode.Parse(text)!["data"]!["result"]!.AsArray();
        return result.ToDictionary(
            series => string.Join(',', series!["metric"]!.AsObject().OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}")),
            series => double.Parse((string)series!["value"]![1]!, CultureInfo.InvariantCulture),
            StringComparer.Ordinal);
    }

    /// <summary>The one value of a query that sums up; 0 when there is nothing to sum.</summary>
    public async Task<double> SumAsync(string query) => (await QueryAsync(query)).Values.SingleOrDefault();

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var response = await _http.GetAsync("/-/ready", TestContext.Current.CancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false; // it does not listen yet
        }
    }
}
