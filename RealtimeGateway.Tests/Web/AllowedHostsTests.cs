using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using RealtimeGateway.Configuration;
using RealtimeGateway.Tests.Infrastructure;
using RealtimeGateway.Web;

namespace RealtimeGateway.Tests.Web;

public sealed class AllowedHostsTests
{
    private const string List = "gateway.example;*.example.org";

    /// <summary>Whether anonymous callers are let in, the setting, and the host of a request.</summary>
    [Theory]
    [InlineData(true, null, "localhost", true)]
    [InlineData(true, null, "localhost:8000", true)]
    [InlineData(true, null, "app.localhost", true)]
    [InlineData(true, null, "127.0.0.1", true)]
    [InlineData(true, null, "[::1]:8000", true)]
    [InlineData(true, null, "10.1.2.3:8000", true)] // a probe of a pod: no name that could be rebound
    [InlineData(true, null, "", true)] // no browser
    [InlineData(true, null, "evil.example", false)]
    [InlineData(true, null, "localhost.evil.example", false)]
    [InlineData(true, "*", "anything.example", true)]
    [InlineData(false, null, "gateway.example", true)] // a page under another name has no credential
    [InlineData(false, List, "gateway.example", true)]
    [InlineData(false, List, "GATEWAY.example:443", true)]
    [InlineData(false, List, "a.example.org", true)]
    [InlineData(false, List, "example.org", false)]
    [InlineData(false, List, "evil.example", false)]
    [InlineData(false, List, "localhost", false)]
    [InlineData(false, List, "10.1.2.3", true)]
    [InlineData(false, List, "[2001:db8::1]", true)]
    public void A_host_name_must_be_one_of_the_gateways(bool admitsAnonymous, string? allowed, string host, bool isOwn)
    {
        var faults = new ConfigurationFaults();
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("AllowedHosts", allowed)]).Build();

        Assert.Equal(isOwn, AllowedHosts.Read(configuration, admitsAnonymous, faults).Admits(new HostString(host)));
        Assert.Empty(faults.List);
    }

    [Fact]
    public async Task A_page_that_rebinds_its_name_to_an_open_gateway_gets_nothing()
    {
        using var azure = new Azure();
        await using var gateway = Gateway.StartWith(azure.Url);
        foreach (var path in new[] { "/", "/profiles", "/health/live" })
        {
            using var response = await GetAsync(gateway, path, "evil.example");

            await response.ShouldFailAsync(403, "forbidden");
        }
    }

    [Fact]
    public async Task A_route_for_everybody_is_kept_from_such_a_page_where_the_others_need_a_credential()
    {
        using var azure = new Azure();
        await using var gateway = Gateway.StartWith(
            azure.Url, new Dictionary<string, string?> { ["Callers:Keys:shop:Hash"] = CallersKey.New("shop").Hash },
            settings => settings.Set("ReverseProxy:Routes:sessions:Metadata:AllowedFor", "\"anonymous\""));

        using var response = await GetAsync(gateway, "/", "evil.example");

        await response.ShouldFailAsync(403, "forbidden");
    }

    [Fact]
    public async Task The_list_changes_without_a_restart_and_the_envelope_stays()
    {
        using var azure = new Azure();
        await using var gateway = Gateway.StartWith(azure.Url, change: settings => settings.Set("AllowedHosts", "\"old.example\""));
        using var before = await GetAsync(gateway, "/", "new.example");
        await gateway.ReloadAsync(settings => settings.Set("AllowedHosts", "\"new.example\""));
        using var after = await GetAsync(gateway, "/", "new.example");

        await before.ShouldFailAsync(403, "forbidden");
        Assert.Equal(200, (int)after.StatusCode);
    }

    [Fact]
    public void A_name_with_a_scheme_is_a_mistake() => Assert.Contains(
        "AllowedHosts = \"https://gateway.example\": must be host names",
        Gateway.RefusalToStart(new Dictionary<string, string?> { ["AllowedHosts"] = "localhost;https://gateway.example" }),
        StringComparison.Ordinal);

    private static Task<HttpResponseMessage> GetAsync(Gateway gateway, string path, string host) => gateway.Http.SendAsync(
        new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Host = host } }, TestContext.Current.CancellationToken);
}
