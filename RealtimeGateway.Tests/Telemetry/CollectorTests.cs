using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Telemetry;

/// <summary>A gateway in a process of its own, and a collector that it sends to.</summary>
public sealed class CollectorTests
{
    [Theory]
    [InlineData("always_on")]
    [InlineData("always_off")]
    public async Task Metrics_and_sampled_traces_go_to_the_collector_that_the_environment_names(string sampler)
    {
        using var azure = new Azure();
        azure.Mints();
        var received = new ConcurrentQueue<(string Path, string Body)>();
        await using var collector = await CollectAsync(received);
        await using var gateway = await StartAsync(azure, collector.Url, ("OTEL_TRACES_SAMPLER", sampler));

        using var response = await gateway.Http.PostAsync("/sessions", Gateway.Json("{}"), TestContext.Current.CancellationToken);
        Assert.Equal(200, (int)response.StatusCode);
        var isSampled = sampler is "always_on";

        await Eventually.ShouldAsync(() => Task.FromResult(
            received.Count(sent => sent.Path == "/v1/metrics" && sent.Body.Contains("realtime_gateway.sessions", StringComparison.Ordinal)) > 2
            && (!isSampled || received.Any(sent => sent.Path == "/v1/traces" && sent.Body.Contains("POST sessions", StringComparison.Ordinal)))));
        Assert.Equal(isSampled, received.Any(sent => sent.Path == "/v1/traces"));
        Assert.DoesNotContain(received, sent => sent.Body.Contains(Gateway.Key, StringComparison.Ordinal) || sent.Body.Contains("ek_", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Metrics_that_are_scraped_need_not_be_sent_as_well()
    {
        using var azure = new Azure();
        azure.Mints();
        var received = new ConcurrentQueue<(string Path, string Body)>();
        await using var collector = await CollectAsync(received);
        await using var gateway = await StartAsync(azure, collector.Url, ("OTEL_METRICS_EXPORTER", "prometheus"));

        using var response = await gateway.Http.PostAsync("/sessions", Gateway.Json("{}"), TestContext.Current.CancellationToken);
        Assert.Equal(200, (int)response.StatusCode);
        await Eventually.ShouldAsync(() => Task.FromResult(received.Any(sent => sent.Path == "/v1/traces")));
        var scraped = await gateway.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        await gateway.StopAsync(); // which would send what there is

        Assert.Contains("realtime_gateway_sessions_total{", scraped, StringComparison.Ordinal);
        Assert.DoesNotContain(received, sent => sent.Path == "/v1/metrics");
    }

    [Fact]
    public async Task What_goes_on_at_the_moment_is_counted_under_the_frameworks_names()
    {
        var (arrived, answer) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var upstream = await ScriptedUpstream.StartAsync(async context =>
        {
            arrived.SetResult();
            await answer.Task;
            context.Response.StatusCode = 500;
        });
        await using var gateway = await GatewayProcess.StartAsync(new Dictionary<string, string>
        {
            ["AZURE_OPENAI_ENDPOINT"] = upstream.Url,
            ["AZURE_OPENAI_API_KEY"] = Gateway.Key,
            ["AZURE_OPENAI_DEPLOYMENT"] = Gateway.Deployment,
            ["Callers__AllowAnonymous"] = "true",
        });

        var minting = gateway.Http.PostAsync("/sessions", Gateway.Json("{}"), TestContext.Current.CancellationToken);
        await arrived.Task;
        var meanwhile = await CountsAsync(gateway);
        answer.SetResult();
        using var response = await minting;

        const string Sending = """http_client_active_requests{http_request_method="POST"}""";
        const string Busy = """http_client_open_connections{http_connection_state="active",network_protocol_version="1.1"}""";
        const string Idle = """http_client_open_connections{http_connection_state="idle",network_protocol_version="1.1"}""";
        const string Serving = """http_server_active_requests{http_request_method="POST",url_scheme="http"}""";
        Assert.Equal((1, 1, 0, 1), (meanwhile[Sending], meanwhile[Busy], meanwhile.GetValueOrDefault(Idle), meanwhile[Serving]));
        // The exporter answers from its cache for a moment, and a connection is idle a moment after its answer.
        await Eventually.ShouldAsync(async () => await CountsAsync(gateway) is var after && (after[Sending], after[Busy], after[Idle], after[Serving]) == (0, 0, 1, 0));
    }

    [Fact]
    public async Task Logs_are_JSON_in_Production_line_by_line()
    {
        await using var gateway = await GatewayProcess.StartAsync(new Dictionary<string, string>
        {
            ["AZURE_OPENAI_ENDPOINT"] = "https://one.invalid",
            ["AZURE_OPENAI_API_KEY"] = Gateway.Key,
            ["AZURE_OPENAI_DEPLOYMENT"] = Gateway.Deployment,
            ["Callers__AllowAnonymous"] = "true",
        });

        var lines = gateway.FirstLines.Select(line => JsonDocument.Parse(line).RootElement).ToArray();

        Assert.NotEmpty(lines);
        Assert.All(lines, line => Assert.True(line.GetProperty("Timestamp").TryGetDateTimeOffset(out _)));
        Assert.Contains(lines, line => line.GetProperty("Category").GetString() == "RealtimeGateway.Configuration.ConfigurationLoader" && line.GetProperty("LogLevel").GetString() == "Information");
    }

    private static async Task<Dictionary<string, double>> CountsAsync(GatewayProcess gateway) =>
        (await gateway.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken)).Split('\n')
            .Where(line => line.Contains('{', StringComparison.Ordinal) && line[0] != '#')
            .Select(line => Regex.Replace(line, "otel_scope_name=[^,}]*,", "", RegexOptions.None, TimeSpan.FromSeconds(1)).Split("} "))
            .ToDictionary(parts => parts[0] + "}", parts => double.Parse(parts[1].Split(' ')[0], CultureInfo.InvariantCulture), StringComparer.Ordinal);

    private static Task<ScriptedUpstream> CollectAsync(ConcurrentQueue<(string Path, string Body)> received) => ScriptedUpstream.StartAsync(async context =>
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        received.Enqueue((context.Request.Path.Value!, Encoding.ASCII.GetString(body.ToArray())));
    });

    private static Task<GatewayProcess> StartAsync(Azure azure, string collector, (string Name, string Value) variable) => GatewayProcess.StartAsync(new Dictionary<string, string>
    {
        ["AZURE_OPENAI_ENDPOINT"] = azure.Url,
        ["AZURE_OPENAI_API_KEY"] = Gateway.Key,
        ["AZURE_OPENAI_DEPLOYMENT"] = Gateway.Deployment,
        ["Callers__AllowAnonymous"] = "true",
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector,
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "200",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "50",
        [variable.Name] = variable.Value,
    });
}
