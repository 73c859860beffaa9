using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using RealtimeGateway.Simulator;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Simulator;

public class SimulatorServiceTests
{
    [Fact]
    public async Task It_runs_with_its_host_and_says_how_to_point_a_gateway_at_it()
    {
        var logs = new FakeLogCollector();
        using var loggers = new LoggerFactory([new FakeLoggerProvider(logs)]);
        await using var service = new SimulatorService(
            new() { Url = "http://127.0.0.1:0", ApiKeys = ["k"], Deployments = ["d"] }, loggers);
        await service.StartAsync(CancellationToken.None);
        using var http = new HttpClient { BaseAddress = new(service.Url) };

        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri("/simulator/faults", UriKind.Relative))).StatusCode);
        var line = Assert.Single(logs.GetSnapshot(), record => record.Category == typeof(SimulatorService).FullName);
        Assert.Equal(
            $"Simulated Azure OpenAI on {service.Url}: set AZURE_OPENAI_ENDPOINT={service.Url} AZURE_OPENAI_API_KEY=k AZURE_OPENAI_DEPLOYMENT=d",
            line.Message);

        await service.StopAsync(CancellationToken.None);
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(new Uri("/", UriKind.Relative)));
    }

    [Fact]
    public async Task It_may_listen_elsewhere_than_it_is_found()
    {
        var logs = new FakeLogCollector();
        using var loggers = new LoggerFactory([new FakeLoggerProvider(logs)]);
        var listen = FreeAddress.Next().Replace("127.0.0.1", "*", StringComparison.Ordinal);
        await using var service = new SimulatorService(new() { Url = "http://localhost:8001", Listen = listen }, loggers);
        await service.StartAsync(CancellationToken.None);
        using var http = new HttpClient { BaseAddress = new(listen.Replace("*", "127.0.0.2", StringComparison.Ordinal)) }; // not where "localhost" listens

        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri("/peer/", UriKind.Relative))).StatusCode);
        Assert.Equal("http://localhost:8001", service.Url);
        await using var second = new SimulatorService(new() { Listen = listen }, loggers);
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => second.StartAsync(CancellationToken.None));
        Assert.Contains("Simulator:Listen", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_taken_address_is_an_error_that_names_the_setting()
    {
        using var loggers = new LoggerFactory();
        await using var first = new SimulatorService(new() { Url = "http://127.0.0.1:0" }, loggers);
        await first.StartAsync(CancellationToken.None);
        await using var second = new SimulatorService(new() { Url = first.Url }, loggers);

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => second.StartAsync(CancellationToken.None));
        Assert.Contains(first.Url, failure.Message, StringComparison.Ordinal);
        Assert.Contains("Simulator:Url", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_simulator_leaves_signals_to_its_owner_and_logs_where_its_owner_logs()
    {
        var logs = new FakeLogCollector();
        using var loggers = new LoggerFactory([new FakeLoggerProvider(logs)]);
        await using var app = SimulatorApplication.Build(new() { Url = "http://127.0.0.1:0" }, loggers);
        await app.StartAsync();

        Assert.NotEqual("ConsoleLifetime", app.Services.GetRequiredService<IHostLifetime>().GetType().Name);
        Assert.NotEqual(0, logs.Count);
    }
}
