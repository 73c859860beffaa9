using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Web;

public sealed class AllowedHostsTests
{
    private const string Open = "Callers:AllowAnonymous";
    private const string Closed = "Callers:Keys:web:Hash";

    private static readonly string Hash = new('a', 64);

    [Theory]
    [InlineData(Open, null, "localhost", true)]
    [InlineData(Open, null, "localhost:8000", true)]
    [InlineData(Open, null, "app.localhost", true)]
    [InlineData(Open, null, "127.0.0.1", true)]
    [InlineData(Open, null, "[::1]:8000", true)]
    [InlineData(Open, null, "10.1.2.3:8000", true)] // a probe of a pod; no name that could be rebound
    [InlineData(Open, null, "evil.example", false)]
    [InlineData(Open, null, "localhost.evil.example", false)]
    [InlineData(Closed, null, "gateway.example", true)] // a page under another name has no credential
    [InlineData(Closed, "gateway.example;*.example.org", "gateway.example", true)]
    [InlineData(Closed, "gateway.example;*.example.org", "GATEWAY.example:443", true)]
    [InlineData(Closed, "gateway.example;*.example.org", "a.example.org", true)]
    [InlineData(Closed, "gateway.example;*.example.org", "example.org", false)]
    [InlineData(Closed, "gateway.example;*.example.org", "evil.example", false)]
    [InlineData(Closed, "gateway.example;*.example.org", "localhost", false)]
    [InlineData(Closed, "gateway.example;*.example.org", "10.1.2.3", true)]
    [InlineData(Open, "*", "anything.example", true)]
    public async Task A_host_name_must_be_one_of_the_gateways(string openness, string? allowed, string host, bool isOwn)
    {
        using var azure = new Azure();
        await using var gateway = Gateway.StartWith(azure.Url, new Dictionary<string, string?> { [openness] = openness == Open ? "true" : Hash, ["AllowedHosts"] = allowed });

        foreach (var path in new[] { "/", "/health/live" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Host = host } };
            using var response = await gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);

            if (isOwn)
                Assert.Equal(200, (int)response.StatusCode);
            else
                await response.ShouldFailAsync(403, "forbidden");
        }
    }

    [Fact]
    public async Task The_list_changes_without_a_restart()
    {
        using var azure = new Azure();
        await using var gateway = Gateway.StartWith(azure.Url);
        await gateway.ReloadAsync(settings => settings.Set("AllowedHosts", "\"gateway.example\""));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health/live") { Headers = { Host = "gateway.example" } };

        using var response = await gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(200, (int)response.StatusCode);
    }

    [Fact]
    public void A_name_with_scheme_is_named() => Assert.Contains(
        "AllowedHosts = \"https://gateway.example\": must be host names",
        Gateway.RefusalToStart(new Dictionary<string, string?> { ["AllowedHosts"] = "localhost;https://gateway.example" }),
        StringComparison.Ordinal);
}
