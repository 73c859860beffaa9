using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Health;

public sealed class ShutdownTests : IDisposable
{
    private readonly Azure _azure = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    [Fact]
    public async Task During_its_grace_a_stopping_gateway_is_not_ready_serves_and_ends_connections_with_the_answer()
    {
        _azure.Mints();
        await using var gateway = Start("00:00:05");
        using var before = await gateway.MintAsync();
        var end = gateway.StopAsync();
        await gateway.WhenStoppingAsync();

        using var ready = await gateway.Http.GetAsync("/health/ready", TestContext.Current.CancellationToken);
        using var mint = await gateway.MintAsync();
        _time.Advance(TimeSpan.FromSeconds(4.9));
        using var later = await gateway.MintAsync();
        var isHeld = !end.IsCompleted;
        _time.Advance(TimeSpan.FromSeconds(0.1));
        await end.WaitAsync(TimeSpan.FromSeconds(25), TestContext.Current.CancellationToken);

        await ready.ShouldBeAsync(HttpStatusCode.ServiceUnavailable, """{"status":"draining"}""");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK), (before.StatusCode, mint.StatusCode, later.StatusCode));
        Assert.Equal((null, true, true), (before.Headers.ConnectionClose, mint.Headers.ConnectionClose, later.Headers.ConnectionClose));
        Assert.True(isHeld);
        Assert.Equal(3, _azure.Requests);
    }

    [Fact]
    public async Task Over_HTTP_2_too_a_connection_ends_with_an_answer()
    {
        _azure.Mints();
        await using var gateway = Start("00:00:05", new() { ["Kestrel:EndpointDefaults:Protocols"] = "Http2" });
        using var http = new HttpClient { BaseAddress = gateway.Http.BaseAddress, DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        var end = gateway.StopAsync();
        await gateway.WhenStoppingAsync();

        using var one = await http.PostAsync("/sessions", Gateway.Json("{}"), TestContext.Current.CancellationToken);
        using var other = await http.PostAsync("/sessions", Gateway.Json("{}"), TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromSeconds(5));
        await end.WaitAsync(TimeSpan.FromSeconds(25), TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (one.StatusCode, other.StatusCode));
    }

    [Theory]
    [InlineData(null, 30)]
    [InlineData("00:00:05", 35)]
    public async Task What_is_under_way_has_the_hosts_own_time_after_the_grace(string? grace, int seconds)
    {
        await using var gateway = Start(grace);
        Assert.Equal(TimeSpan.FromSeconds(seconds), gateway.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout);
        var end = gateway.StopAsync();
        await gateway.WhenStoppingAsync();
        _time.Advance(TimeSpan.FromSeconds(5));
        await end;
    }

    [Theory]
    [InlineData("soon", "Shutdown:Grace = \"soon\": must be a time span such as 00:01:00")]
    [InlineData("00:05:01", "Shutdown:Grace = \"00:05:01\": must be between 00:00:00 and 00:05:00")]
    public void A_grace_that_cannot_be_is_named(string grace, string expected) => Assert.Contains(
        expected, Gateway.RefusalToStart(new Dictionary<string, string?> { ["Shutdown:Grace"] = grace }), StringComparison.Ordinal);

    public void Dispose() => _azure.Dispose();

    private Gateway Start(string? grace, Dictionary<string, string?>? variables = null) => Gateway.StartWith(
        _azure.Url, new Dictionary<string, string?>(variables ?? []) { ["Shutdown:Grace"] = grace }, services: services => services.AddSingleton<TimeProvider>(_time));
}
