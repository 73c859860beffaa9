using System.Globalization;
using System.Text;
using RealtimeGateway.Tests.Calls;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Telemetry;

/// <summary>Whatever strangers send, the number of series stays what configuration and closed lists make it.</summary>
public sealed class CardinalityTests
{
    private const int Few = 20;
    private const int Many = 300;

    [Fact]
    public async Task Hostile_requests_add_no_series_however_many_there_are()
    {
        await using var azure = await CallingAzure.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(new Dictionary<string, string>
        {
            ["AZURE_OPENAI_ENDPOINT"] = azure.Url,
            ["AZURE_OPENAI_API_KEY"] = Gateway.Key,
            ["AZURE_OPENAI_DEPLOYMENT"] = Gateway.Deployment,
            ["Callers__AllowAnonymous"] = "true",
            ["AllowedHosts"] = "*",
            ["Proxies__0"] = "127.0.0.1",
            ["Limits__sessions__Permits"] = "2", // so that both rounds meet it
        });
        await gateway.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken); // a scrape is a request as well
        await ComeAsync(gateway, from: 0, Few); // everything happens once
        var before = await SeriesAsync(gateway, Few);

        await ComeAsync(gateway, from: Few, Many);
        var after = await SeriesAsync(gateway, Few + Many);

        Assert.Empty(after.Except(before));
        Assert.DoesNotContain(after, series => series.Contains("stranger", StringComparison.OrdinalIgnoreCase));
    }

    // Every request differs from all others in whatever a caller can choose.
    private static async Task ComeAsync(GatewayProcess gateway, int from, int count)
    {
        for (var i = from; i < from + count; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"stranger{i}");
            await SendAsync(gateway, "POST", "/sessions", "{}", name);
            await SendAsync(gateway, "POST", "/sessions", $$"""{"{{name}}":1}""", name);
            await SendAsync(gateway, "POST", "/sessions", $$"""{"model":"{{name}}"}""", name);
            await SendAsync(gateway, "POST", $"/sessions?profile={name}", "{}", name);
            await SendAsync(gateway, "POST", $"/{name}", "{}", name);
            await SendAsync(gateway, name, "/sessions", "{}", name);
            await SendAsync(gateway, name, $"/calls/{name}", "{}", name);
            await SendAsync(gateway, "GET", $"/calls/{name}", body: null, name);
            await SendAsync(gateway, "GET", $"/realtime?model={name}", body: null, name);
            await SendAsync(gateway, "POST", $"/openai/v1/realtime/calls/{name}/hangup", "", name);
        }
    }

    private static async Task SendAsync(GatewayProcess gateway, string method, string path, string? body, string name)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.UserAgent.ParseAdd(name);
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", string.Create(CultureInfo.InvariantCulture, $"10.1.{name.Length}.{name[^1] - '0'}"));
        request.Headers.TryAddWithoutValidation($"x-{name}", name);
        using var response = await gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Every series once the exporter, which answers from its cache for a moment, knows of this many strangers at a path that leads nowhere.</summary>
    private static async Task<HashSet<string>> SeriesAsync(GatewayProcess gateway, int strangers)
    {
        string[] lines = [];
        await Eventually.ShouldAsync(async () =>
        {
            lines = (await gateway.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken)).Split('\n');
            return lines.Contains($"realtime_gateway_rejections_total{{otel_scope_name=\"RealtimeGateway\",reason=\"caller_not_found\"}} {strangers}");
        });
        // Nobody from outside names what the runtime, Kestrel and clients count, and a rare event may be the first of its kind in either round.
        return [.. lines.Where(line => line.Length > 0 && line[0] is not '#' && !Array.Exists(["dotnet_", "kestrel_", "http_client_"], line.StartsWith)).Select(line => line[..line.LastIndexOf(' ')])];
    }
}
