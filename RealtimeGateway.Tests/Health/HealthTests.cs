using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Health;

public sealed class HealthTests
{
    [Theory]
    [InlineData("/health/live", """{"status":"live"}""")]
    [InlineData("/health/ready", """{"status":"ready"}""")]
    public async Task A_running_gateway_is_live_and_ready_even_without_its_upstream(string path, string body)
    {
        await using var gateway = Gateway.StartWith("http://127.0.0.1:1");

        using var response = await gateway.Http.GetAsync(path, TestContext.Current.CancellationToken);

        await response.ShouldBeAsync(HttpStatusCode.OK, body);
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    public async Task A_probe_may_ask_without_wanting_a_body(string path)
    {
        await using var gateway = Gateway.StartWith("http://127.0.0.1:1");
        using var request = new HttpRequestMessage(HttpMethod.Head, path);

        using var response = await gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/health/")]
    public async Task Health_names_the_configuration_in_force_and_nothing_of_the_upstream(string path)
    {
        await using var gateway = Gateway.StartWith("https://secret-resource.openai.azure.com");

        using var response = await gateway.Http.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var visible = await response.VisibleAsync();
        Assert.Contains("\"status\":\"healthy\",\"configuration\":{\"version\":\"1\"", visible, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-resource", visible, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_draining_gateway_is_not_ready_and_takes_no_new_session()
    {
        using var azure = new Azure();
        using var door = new HeldDoor();
        await using var gateway = Gateway.StartWith(azure.Url, services: services => services.AddSingleton<IHostedService>(door));
        gateway.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        using var ready = await gateway.Http.GetAsync("/health/ready", TestContext.Current.CancellationToken);
        using var live = await gateway.Http.GetAsync("/health/live", TestContext.Current.CancellationToken);
        using var mint = await gateway.MintAsync();

        await ready.ShouldBeAsync(HttpStatusCode.ServiceUnavailable, """{"status":"draining"}""");
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        await mint.ShouldFailAsync(503, "draining");
        Assert.Equal(TimeSpan.FromSeconds(1), mint.Headers.RetryAfter?.Delta);
        door.Dispose();
    }
}
