using System.Net;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Limits;

/// <summary>Two processes and a Redis, as they are deployed.</summary>
public sealed class TwoProcessesTests
{
    [Fact]
    public async Task Together_they_admit_exactly_the_limit_under_load_and_across_a_restart_of_Redis()
    {
        using var azure = new Azure();
        azure.Mints();
        await using var redis = await RedisServer.StartAsync();
        var variables = new Dictionary<string, string>
        {
            ["AZURE_OPENAI_ENDPOINT"] = azure.Url,
            ["AZURE_OPENAI_API_KEY"] = Gateway.Key,
            ["AZURE_OPENAI_DEPLOYMENT"] = Gateway.Deployment,
            ["Callers__AllowAnonymous"] = "true",
            ["Redis__Connection"] = redis.Connection,
            ["Redis__Timeout"] = "00:00:05",
            ["Limits__sessions__Kind"] = "fixed_window",
            ["Limits__sessions__Permits"] = "50",
            ["Limits__sessions__Window"] = "01:00:00",
            ["Limits__sessions__WithoutRedis"] = "closed",
            ["Limits__sessionsatonce__Permits"] = "1000",
        };
        await using var one = await GatewayProcess.StartAsync(variables);
        await using var other = await GatewayProcess.StartAsync(variables);
        GatewayProcess[] both = [one, other];

        var before = await LoadAsync(both, 30);
        Assert.Equal(30, before.Count(status => status is HttpStatusCode.OK));

        await redis.VanishAsync();
        await Eventually.ShouldAsync(async () => await ClosedAsync(one) && await ClosedAsync(other));
        await redis.ReturnAsync();
        await Eventually.ShouldAsync(async () => await IsUpAsync(one) && await IsUpAsync(other));
        var after = await LoadAsync(both, 60);

        Assert.Equal((20, 40), (after.Count(status => status is HttpStatusCode.OK), after.Count(status => status is HttpStatusCode.TooManyRequests)));
        Assert.Equal(50, azure.Requests);
    }

    private static Task<HttpStatusCode[]> LoadAsync(GatewayProcess[] gateways, int requests) =>
        Task.WhenAll(Enumerable.Range(0, requests).Select(i => MintAsync(gateways[i % gateways.Length])));

    private static async Task<HttpStatusCode> MintAsync(GatewayProcess gateway)
    {
        using var response = await gateway.Http.PostAsync("/sessions", Gateway.Json("{}"), TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    private static async Task<bool> ClosedAsync(GatewayProcess gateway) => await MintAsync(gateway) is HttpStatusCode.ServiceUnavailable;

    private static async Task<bool> IsUpAsync(GatewayProcess gateway) =>
        (await gateway.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken)).Split('\n')
            .Any(line => line.StartsWith("realtime_gateway_limits_store_state", StringComparison.Ordinal) && line.Contains("state=\"redis\"} 1", StringComparison.Ordinal));
}
