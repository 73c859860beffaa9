using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using RealtimeGateway.Health;
using RealtimeGateway.Tests.Infrastructure;
using RealtimeGateway.Web;

namespace RealtimeGateway.Tests.Health;

public sealed class HealthCommandTests
{
    [Fact]
    public async Task In_the_environment_of_a_gateway_it_finds_its_management_port()
    {
        var port = $"{new Uri(FreeAddress.Next()).Port}";
        await using var gateway = Gateway.StartWith("http://127.0.0.1:1", new Dictionary<string, string?> { ["Management:Port"] = port });

        var result = await CommandProcess.RunAsync(Repository.Root, ["health"], ("ASPNETCORE_URLS", "http://+:1"), ("Management__Port", port));

        Assert.Equal((0, """200 {"status":"ready"}"""), (result.ExitCode, Assert.Single(result.Lines)));
    }

    [Fact]
    public async Task A_gateway_that_does_not_want_traffic_is_not_well()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var gateway = Gateway.StartWith("http://127.0.0.1:1", new Dictionary<string, string?> { ["Shutdown:Grace"] = "00:00:05" }, services: services => services.AddSingleton<TimeProvider>(time));
        var end = gateway.StopAsync();
        await gateway.WhenStoppingAsync();

        var result = await RunAsync(gateway.Http.BaseAddress!.AbsoluteUri);
        time.Advance(TimeSpan.FromSeconds(5));
        await end;

        Assert.Equal((1, """503 {"status":"draining"}"""), (result.ExitCode, Assert.Single(result.Lines)));
    }

    [Fact]
    public async Task Nobody_there_is_not_well_either()
    {
        var address = FreeAddress.Next();

        var result = await RunAsync(address);

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith($"{address} does not answer: ", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gateway")]
    [InlineData("ftp://gateway")]
    [InlineData("http://localhost:1", "http://localhost:2")]
    public async Task What_is_no_address_is_wrong_usage(params string[] arguments) => Assert.Equal(2, (await RunAsync(arguments)).ExitCode);

    [Theory]
    [InlineData(null, "http://localhost:8000")]
    [InlineData("http://+:8000", "http://127.0.0.1:8000")]
    [InlineData("http://*:80;https://*:443", "http://127.0.0.1:80")]
    [InlineData("http://[::]:8000", "http://127.0.0.1:8000")]
    [InlineData("http://10.0.0.7:8000", "http://10.0.0.7:8000")]
    [InlineData("http://unix:/run/gateway.sock;http://localhost:8000", "http://localhost:8000")]
    public void Without_a_management_port_it_asks_where_the_gateway_listens(string? urls, string expected) =>
        Assert.Equal(expected, Listeners.FromHere(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["urls"] = urls }).Build()));

    private static async Task<CommandResult> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = await HealthCommand.RunAsync(arguments, new(output, error, _ => Assert.Fail("Nothing was to be built.")));
        return new(exitCode, output.ToString(), error.ToString());
    }
}
