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
    public async Task Over_HTTP_2_too_a_connection_ends_with_its_next_answer()
    {
        await using var gateway = Start("00:00:05", new() { ["Kestrel:EndpointDefaults:Protocols"] = "Http2" });
        using var connection = await RawHttp2.OpenAsync(gateway);
        var end = gateway.StopAsync();
        await gateway.WhenStoppingAsync();

        await connection.BeginAsync(stream: 1, hasBody: false);
        var goodbye = await connection.HearAsync(frame => frame.Type is Http2Frame.GoAway);
        connection.Dispose(); // as a client does that hears it
        _time.Advance(TimeSpan.FromSeconds(5));
        await end.WaitAsync(TimeSpan.FromSeconds(25), TestContext.Current.CancellationToken);

        Assert.Equal(0u, goodbye.ErrorCode);
    }

    [Theory]
    [InlineData(null, 30)]
    [InlineData("", 30)]
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
