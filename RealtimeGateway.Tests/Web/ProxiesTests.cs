using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Web;

public sealed class ProxiesTests
{
    private static readonly string[] Headers = ["X-Forwarded-For: 203.0.113.9", "X-Forwarded-Proto: https", "X-Forwarded-Host: gateway.example"];

    [Theory]
    [InlineData(null, "203.0.113.9", "127.0.0.1")] // loopback is not trusted by itself
    [InlineData("10.0.0.0/8", "203.0.113.9", "127.0.0.1")]
    [InlineData("127.0.0.1", "203.0.113.9", "203.0.113.9")]
    [InlineData("127.0.0.0/8", "203.0.113.9", "203.0.113.9")]
    [InlineData("127.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9")] // what the caller claims itself stays a claim
    [InlineData("127.0.0.1,203.0.113.0/24", "198.51.100.1, 203.0.113.9", "198.51.100.1")]
    [InlineData("127.0.0.1", "nonsense", "127.0.0.1")]
    public async Task An_address_is_believed_from_configured_proxies_only(string? proxies, string forwardedFor, string seen)
    {
        using var azure = new Azure();
        await using var gateway = Start(azure, Settings(proxies));

        Assert.Equal(seen, (await SeenAsync(gateway, $"X-Forwarded-For: {forwardedFor}")).Address);
    }

    [Theory]
    [InlineData(null, "http", "127.0.0.1")]
    [InlineData("127.0.0.1", "https", "gateway.example")]
    public async Task Scheme_and_host_are_as_the_browser_saw_them(string? proxies, string scheme, string host)
    {
        using var azure = new Azure();
        await using var gateway = Start(azure, Settings(proxies));

        var seen = await SeenAsync(gateway, Headers);

        Assert.Equal((scheme, host), (seen.Scheme, seen.Host));
        Assert.Equal(scheme == "https", seen.HasHsts);
    }

    [Fact]
    public async Task A_host_that_a_proxy_passes_on_is_filtered_like_any_other()
    {
        using var azure = new Azure();
        await using var gateway = Start(azure, Settings("127.0.0.1"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health/live")
        {
            Headers = { { "X-Forwarded-For", "203.0.113.9" }, { "X-Forwarded-Host", "evil.example" } },
        };

        using var response = await gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);

        await response.ShouldFailAsync(403, "forbidden");
    }

    [Fact]
    public async Task A_proxy_added_to_the_file_counts_without_a_restart()
    {
        using var azure = new Azure();
        await using var gateway = Start(azure, []);
        await gateway.ReloadAsync(settings => settings.Set("Proxies", """[ "127.0.0.1" ]"""));

        Assert.Equal("203.0.113.9", (await SeenAsync(gateway, "X-Forwarded-For: 203.0.113.9")).Address);
    }

    [Theory]
    [InlineData("Proxies:0", "proxy.example", "Proxies:0 = \"proxy.example\": must be an address")]
    [InlineData("Proxies:0", "10.0.0.0/99", "Proxies:0 = \"10.0.0.0/99\": must be an address")]
    [InlineData("Proxies", "10.0.0.0/8", "Proxies = \"10.0.0.0/8\": must be a list")]
    [InlineData("FORWARDEDHEADERS_ENABLED", "true", "ASPNETCORE_FORWARDEDHEADERS_ENABLED = \"true\": would believe everybody's X-Forwarded-For; name the proxies in Proxies instead")]
    public void A_wrong_entry_is_named(string name, string value, string expected) =>
        Assert.Contains(expected, Gateway.RefusalToStart(new Dictionary<string, string?> { [name] = value }), StringComparison.Ordinal);

    private static Dictionary<string, string?> Settings(string? proxies)
    {
        var settings = (proxies?.Split(',') ?? []).Index().ToDictionary(item => $"Proxies:{item.Index}", item => (string?)item.Item);
        settings["AllowedHosts"] = "gateway.example";
        return settings;
    }

    private static Gateway Start(Azure azure, Dictionary<string, string?> settings) =>
        Gateway.StartWith(azure.Url, settings, services: services => services.AddSingleton<IStartupFilter>(new Mirror()));

    private static async Task<(string Address, string Scheme, string Host, bool HasHsts)> SeenAsync(Gateway gateway, params string[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/mirror");
        foreach (var header in headers)
            request.Headers.Add(header.Split(": ")[0], header.Split(": ")[1]);
        using var response = await gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);
        var parts = (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Split(' ');
        return (parts[0], parts[1], parts[2], response.Headers.Contains("Strict-Transport-Security"));
    }

    /// <summary>Something at the end of the pipeline that tells what the gateway takes the request for.</summary>
    private sealed class Mirror : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            next(app);
            app.Map("/mirror", mirror => mirror.Run(context => context.Response.WriteAsync(
                $"{context.Connection.RemoteIpAddress?.MapToIPv4()} {context.Request.Scheme} {context.Request.Host.Host}")));
        };
    }
}
