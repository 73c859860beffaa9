using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using RealtimeGateway.Tests.Calls;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Deployment;

/// <summary>Two gateways, a balancer, Redis and Prometheus with the files that are shipped, as <c>deploy/try-stack.sh</c> runs them.</summary>
public sealed class StackTests(StackTrial stack) : IClassFixture<StackTrial>
{
    [Fact]
    public async Task Callers_mint_through_the_balancer_which_keeps_no_secret_and_shows_no_version()
    {
        using var http = StackLoad.CallersAt(stack.Balancer, () => "127.0.2.1");
        var replicas = new HashSet<string>(StringComparer.Ordinal);
        while (replicas.Count < 2)
        {
            using var mint = await http.PostAsync("/sessions", Gateway.Json("{}"), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, mint.StatusCode);
            Assert.Equal("nginx", mint.Headers.Server.ToString());
            Assert.Contains("\"value\":\"ek_", await mint.VisibleAsync(), StringComparison.Ordinal);
            replicas.Add(StackLoad.ReplicaOf(mint));
        }
    }

    [Fact]
    public async Task What_the_balancer_refuses_by_itself_has_the_envelope()
    {
        using var http = StackLoad.CallersAt(stack.Balancer, () => "127.0.2.2");
        using var content = new ByteArrayContent(new byte[3 * 1024 * 1024]);
        using var call = await http.PostAsync("/calls", content, TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "false"), (call.StatusCode, Assert.Single(call.Headers.GetValues("x-should-retry"))));
        Assert.Contains("\"code\":\"request_too_large\"", await call.VisibleAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sockets_pass_the_balancer()
    {
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(stack.Balancer) { Scheme = "ws", Path = "/realtime" }.Uri, TestContext.Current.CancellationToken);
        var buffer = new byte[16 * 1024];
        var first = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);

        Assert.StartsWith("""{"type":"session.created","event_id":""", Encoding.UTF8.GetString(buffer, 0, first.Count), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_gateways_count_a_callers_calls_together_and_one_hangs_up_what_the_other_began()
    {
        using var one = StackLoad.CallersAt(stack.Gateway, () => "127.0.2.3");
        using var other = StackLoad.CallersAt(stack.Gateway2, () => "127.0.2.3");
        using var both = StackLoad.CallersAt(stack.Balancer, () => "127.0.2.3");
        var call = await BeginAsync(one);
        for (var i = 1; i < 30; i++) // Limits:sessionsatonce as shipped
            await BeginAsync(i % 2 == 0 ? one : other);

        foreach (var http in new[] { one, other, both })
        {
            using var refused = await CallAsync(http);
            await refused.ShouldFailAsync(429, "too_many_calls");
        }

        using var hangUp = await other.DeleteAsync(call, TestContext.Current.CancellationToken);
        using var again = await CallAsync(both);
        var ended = (await CallsAsync()).Where(known => (string?)known!["ended"] is "hung_up");

        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.Created), (hangUp.StatusCode, again.StatusCode));
        Assert.Single(ended);
    }

    [Fact]
    public async Task Prometheus_scrapes_both_and_knows_the_alerts()
    {
        using var http = new HttpClient { BaseAddress = stack.Prometheus };

        await Eventually.ShouldAsync(async () => await QueryAsync(http, "max_over_time(up{job=\"realtime-gateway\"}[10m]) == 1") == 2);
        var rules = await http.GetStringAsync("/api/v1/rules?type=alert", TestContext.Current.CancellationToken);

        Assert.Contains("\"name\":\"RealtimeGatewayDown\"", rules, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_mint_fails_while_one_gateway_is_drained_and_started_and_the_other_killed_and_started()
    {
        await using var load = new StackLoad(stack.Balancer);
        await load.WhenSharedAsync();

        Assert.Equal("gateway has ended with 0.", await stack.OrderAsync("stop gateway"));
        await load.GoOnAsync(50);
        Assert.Equal("gateway is ready.", await stack.OrderAsync("start gateway"));
        await load.WhenSharedAsync();
        Assert.Equal("gateway2 has ended with 137.", await stack.OrderAsync("kill gateway2"));
        await load.GoOnAsync(50);
        Assert.Equal("gateway2 is ready.", await stack.OrderAsync("start gateway2"));
        await load.WhenSharedAsync();

        Assert.Empty(load.Failures);
    }

    [Fact]
    public async Task The_smoke_check_finds_it_in_order()
    {
        var result = await SmokeCheck.RunAsync(stack.Balancer.AbsoluteUri);

        Assert.True(result.ExitCode == 0, result.Output);
        Assert.Equal("17 passed, 0 failed", result.Lines[^1]);
    }

    private static Task<HttpResponseMessage> CallAsync(HttpClient http) =>
        http.PostAsync("/calls", new StringContent(Calling.Offer, new System.Net.Http.Headers.MediaTypeHeaderValue("application/sdp")), TestContext.Current.CancellationToken);

    private static async Task<Uri> BeginAsync(HttpClient http)
    {
        using var response = await CallAsync(http);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return response.Headers.Location!;
    }

    private async Task<JsonArray> CallsAsync()
    {
        using var http = new HttpClient { BaseAddress = stack.Simulator };
        return JsonNode.Parse(await http.GetStringAsync("/simulator/calls", TestContext.Current.CancellationToken))!["calls"]!.AsArray();
    }

    private static async Task<int> QueryAsync(HttpClient http, string query)
    {
        var text = await http.GetStringAsync("/api/v1/query?query=" + Uri.EscapeDataString(query), TestContext.Current.CancellationToken);
        return JsonNode.Parse(text)!["data"]!["result"]!.AsArray().Count;
    }
}
