using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Deployment;

public sealed class SmokeTests : IDisposable
{
    private readonly Azure _azure = new();
    private readonly CallersKey _key = CallersKey.New();

    [Fact]
    public async Task A_gateway_with_keys_is_in_order_for_a_stranger_and_for_a_caller()
    {
        _azure.Mints();
        var management = new Uri(FreeAddress.Next()).Port;
        await using var gateway = Start(new() { ["Management:Port"] = $"{management}" });
        var address = gateway.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single(address => !address.EndsWith($":{management}", StringComparison.Ordinal));

        var stranger = await SmokeCheck.RunAsync(address);
        var caller = await SmokeCheck.RunAsync(address, "--key", _key.Key);

        Assert.True((stranger.ExitCode, caller.ExitCode) is (0, 0), stranger.Output + caller.Output);
        Assert.Equal("12 passed, 0 failed", stranger.Lines[^1]);
        Assert.Equal("17 passed, 0 failed", caller.Lines[^1]);
        Assert.DoesNotContain(_key.Key, caller.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Public_metrics_and_a_mint_that_fails_are_found()
    {
        _azure.Answers(Azure.GaPath, 500, """{"error":{"message":"out of order"}}""");
        await using var gateway = Start([]);
        gateway.Announce("answered 500");

        var result = await SmokeCheck.RunAsync(gateway.Http.BaseAddress!.AbsoluteUri, "--key", _key.Key);

        Assert.Equal(1, result.ExitCode);
        Assert.Equal(
            ["/metrics is not public (Management:Port)", "/health/details is not public (Management:Port)", "a mint gives a session, and nothing else", "its page would connect safely"],
            result.Lines.Where(line => line.StartsWith("FAIL  ", StringComparison.Ordinal)).Select(line => line["FAIL  ".Length..].Split(": ")[0]));
        Assert.Equal("13 passed, 4 failed", result.Lines[^1]);
    }

    [Fact]
    public async Task Nobody_there_is_found_too()
    {
        var result = await SmokeCheck.RunAsync(FreeAddress.Next());

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("FAIL  the process runs (/health/live): no answer", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("gateway.example")]
    [InlineData("http://localhost:1", "--key")]
    public async Task What_it_does_not_understand_it_says(params string[] arguments) =>
        Assert.Equal((2, "smoke.sh URL [--key KEY]\n"), ((await SmokeCheck.RunAsync(arguments)) is var result ? (result.ExitCode, result.Error) : default));

    public void Dispose() => _azure.Dispose();

    private Gateway Start(Dictionary<string, string?> variables) =>
        Gateway.StartWith(_azure.Url, new Dictionary<string, string?>(variables) { ["Callers:Keys:web:Hash"] = _key.Hash });
}
