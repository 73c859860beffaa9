using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Health;

public sealed class ManagementPortTests : IDisposable
{
    private readonly Azure _azure = new();
    private readonly int _port = new Uri(FreeAddress.Next()).Port;

    public static TheoryData<string> Operators => ["/metrics", "/health/details"];

    [Theory]
    [MemberData(nameof(Operators))]
    public async Task Without_a_port_of_its_own_it_stands_beside_the_API(string path)
    {
        await using var gateway = Gateway.StartWith(_azure.Url);

        using var response = await gateway.Http.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task An_empty_variable_takes_the_port_of_an_image_away()
    {
        await using var gateway = Gateway.StartWith(
            _azure.Url, new Dictionary<string, string?> { ["Management:Port"] = "" }, settings => settings.Set("Management:Port", $"{_port}"));

        using var response = await gateway.Http.GetAsync("/metrics", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("/metrics")]
    [InlineData("/Metrics/")]
    [InlineData("/%6detrics")]
    [InlineData("/health/details")]
    [InlineData("/health/Details/")]
    public async Task With_one_it_is_answered_there_alone(string path)
    {
        await using var gateway = Start();
        using var management = Management();

        using var there = await management.GetAsync(path, TestContext.Current.CancellationToken);
        using var here = await PublicAsync(gateway, path);
        using var named = await PublicAsync(gateway, path, host: $"localhost:{_port}");

        Assert.Equal(HttpStatusCode.OK, there.StatusCode);
        await here.ShouldFailAsync(404, "not_found");
        await named.ShouldFailAsync(404, "not_found");
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    public async Task Probes_are_answered_on_both(string path)
    {
        await using var gateway = Start();
        using var management = Management();

        using var there = await management.GetAsync(path, TestContext.Current.CancellationToken);
        using var here = await PublicAsync(gateway, path);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (there.StatusCode, here.StatusCode));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/index.html")]
    [InlineData("/docs")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/profiles")]
    [InlineData("/sessions")]
    public async Task Nothing_else_is_to_be_had_there(string path)
    {
        await using var gateway = Start();
        using var management = Management();

        using var read = await management.GetAsync(path, TestContext.Current.CancellationToken);
        using var mint = await management.PostAsync(path, Gateway.Json("{}"), TestContext.Current.CancellationToken);

        await read.ShouldFailAsync(404, "not_found");
        await mint.ShouldFailAsync(404, "not_found");
        Assert.Equal(0, _azure.Requests);
    }

    [Fact]
    public async Task Neither_host_names_nor_callers_stand_in_the_way_of_a_scraper_there()
    {
        await using var gateway = Start(new()
        {
            ["AllowedHosts"] = "voice.example.com",
            ["Callers:Keys:web:Hash"] = CallersKey.New().Hash,
        });
        using var management = Management();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics") { Headers = { Host = "gateway.monitoring.svc:9090" } };

        using var byName = await management.SendAsync(request, TestContext.Current.CancellationToken);
        using var byAddress = await management.GetAsync("/health/details", TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (byName.StatusCode, byAddress.StatusCode));
    }

    [Fact]
    public async Task An_address_that_failed_to_authenticate_too_often_may_still_scrape()
    {
        await using var beside = Gateway.StartWith(_azure.Url, Closed);
        await using var apart = Start(Closed);
        using var management = Management();
        foreach (var gateway in new[] { beside, apart })
        {
            await (await PublicAsync(gateway, "/profiles", key: "wrong")).ShouldFailAsync(401, "unauthorized");
            await (await PublicAsync(gateway, "/profiles", key: "wrong")).ShouldFailAsync(429, "rate_limit_exceeded");
        }

        using var there = await management.GetAsync("/metrics", TestContext.Current.CancellationToken);
        using var here = await PublicAsync(beside, "/metrics");
        using var details = await PublicAsync(beside, "/health/details", key: "wrong");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK), (there.StatusCode, here.StatusCode, details.StatusCode));
    }

    [Fact]
    public async Task It_listens_beside_endpoints_of_the_servers_own_configuration()
    {
        var address = FreeAddress.Next();
        await using var gateway = Start(new() { ["Kestrel:Endpoints:web:Url"] = address });
        gateway.Announce("Overriding address(es)"); // the test's own urls, which give way
        using var management = Management();
        using var http = new HttpClient { BaseAddress = new Uri(address) };

        using var there = await management.GetAsync("/metrics", TestContext.Current.CancellationToken);
        using var here = await http.GetAsync("/health/live", TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (there.StatusCode, here.StatusCode));
    }

    [Fact]
    public async Task It_listens_beside_ports()
    {
        var port = new Uri(FreeAddress.Next()).Port;
        await using var gateway = await GatewayProcess.StartAsync(new Dictionary<string, string>
        {
            ["ASPNETCORE_URLS"] = "",
            ["ASPNETCORE_HTTP_PORTS"] = $"{port}",
            ["Management__Port"] = $"{_port}",
            ["AZURE_OPENAI_ENDPOINT"] = _azure.Url,
            ["AZURE_OPENAI_API_KEY"] = Gateway.Key,
            ["Callers__AllowAnonymous"] = "true",
        });
        using var management = Management();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

        using var there = await management.GetAsync("/metrics", TestContext.Current.CancellationToken);
        using var here = await http.GetAsync("/health/live", TestContext.Current.CancellationToken);
        using var notHere = await http.GetAsync("/metrics", TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.NotFound), (there.StatusCode, here.StatusCode, notHere.StatusCode));
    }

    [Fact]
    public async Task It_opens_nothing_to_callers_so_Development_reloads_as_before()
    {
        await using var gateway = Start();

        var verdict = await gateway.ReloadAsync(settings => settings.Set("Limits:sessions:Permits", "61"));

        Assert.Contains("is in force", verdict, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0", "Management:Port = \"0\": must be between 1 and 65535")]
    [InlineData("http", "Management:Port = \"http\": must be a whole number")]
    [InlineData("8123", "Management:Port = \"8123\": is where the gateway itself listens")]
    public void A_port_that_cannot_be_is_named(string port, string expected) => Assert.Contains(
        expected,
        Gateway.RefusalToStart(new Dictionary<string, string?> { ["urls"] = "http://127.0.0.1:8123", ["Management:Port"] = port }),
        StringComparison.Ordinal);

    public void Dispose() => _azure.Dispose();

    private static readonly Dictionary<string, string?> Closed = new()
    {
        ["Limits:failedauthentication:Permits"] = "1",
        ["Callers:Keys:web:Hash"] = CallersKey.New().Hash,
    };

    private Gateway Start(Dictionary<string, string?>? variables = null) =>
        Gateway.StartWith(_azure.Url, new Dictionary<string, string?>(variables ?? []) { ["Management:Port"] = $"{_port}" });

    private HttpClient Management() => new() { BaseAddress = new Uri($"http://127.0.0.1:{_port}") };

    private async Task<HttpResponseMessage> PublicAsync(Gateway gateway, string path, string? host = null, string? key = null)
    {
        var address = gateway.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First(address => !address.EndsWith($":{_port}", StringComparison.Ordinal));
        using var http = new HttpClient { BaseAddress = new Uri(address) };
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Host = host;
        if (key is not null)
            request.Headers.Add("x-api-key", key);
        return await http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
