using System.Globalization;
using System.Net;
using RealtimeGateway.Simulator.Breaking;
using RealtimeGateway.Simulator.Recording;

namespace RealtimeGateway.Tests.Simulator;

public class ReceivedRequestsTests
{
    [Fact]
    public async Task A_request_is_recorded_as_it_arrived()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        var request = SimulatedAzure.Post(SimulatedAzure.PreviewMint + "&x=%20", SimulatedAzure.PreviewBody, SimulatedAzure.Key);
        request.Headers.Add("x-twice", ["1", "2"]);
        await azure.SendAsync(request);

        var received = Assert.Single(azure.Received.All);
        Assert.Equal("POST", received.Method);
        Assert.Equal("/openai/realtimeapi/sessions", received.Path);
        Assert.Equal("?api-version=2025-04-01-preview&x=%20", received.Query);
        Assert.Equal(SimulatedAzure.PreviewBody, received.Body);
        Assert.Equal(azure.Time.GetUtcNow(), received.ReceivedAt);
        Assert.Equal(
            ["api-key", "Content-Length", "Content-Type", "Host", "x-twice"],
            received.Headers.Keys.Order(StringComparer.OrdinalIgnoreCase));
        Assert.Equal(SimulatedAzure.Key, received.Headers["API-KEY"]);
    }

    [Fact]
    public async Task Refused_and_faulted_requests_are_recorded_and_control_requests_are_not()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        azure.Break(FaultEffect.Empty, times: 1);
        await azure.MintAsync();
        await azure.CallAsync("ek_unknown");
        await azure.Http.GetAsync(new Uri("/nowhere", UriKind.Relative));
        await azure.ControlAsync(HttpMethod.Get, "/faults");

        Assert.Equal([SimulatedAzure.Mint, SimulatedAzure.Calls, "/nowhere"], azure.Received.All.Select(request => request.Path));
    }

    [Fact]
    public async Task The_control_API_lists_and_forgets_requests()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        await azure.MintAsync();
        var listed = await SimulatedAzure.JsonOfAsync(await azure.ControlAsync(HttpMethod.Get, "/requests"));
        var request = Assert.Single(listed["requests"]!.AsArray())!.AsObject();

        Assert.Equal(["receivedAt", "method", "path", "query", "headers", "body"], request.Select(member => member.Key));
        Assert.Equal(SimulatedAzure.GaBody, request["body"]!.GetValue<string>());
        Assert.Equal(SimulatedAzure.Key, request["headers"]!["api-key"]!.GetValue<string>());

        Assert.Equal(HttpStatusCode.NoContent, (await azure.ControlAsync(HttpMethod.Delete, "/requests")).StatusCode);
        Assert.Empty(azure.Received.All);
    }

    [Fact]
    public async Task The_next_request_can_be_awaited()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        await azure.MintAsync();
        var next = azure.Received.NextAsync();
        Assert.False(next.IsCompleted);
        await azure.CallAsync("ek_unknown");

        Assert.Equal(SimulatedAzure.Calls, (await next).Path);
    }

    [Fact]
    public void Only_the_last_thousand_are_kept()
    {
        var received = new ReceivedRequests();
        for (var i = 0; i <= ReceivedRequests.MaxRequests; i++)
            received.Record(new(default, "GET", i.ToString(CultureInfo.InvariantCulture), "", new Dictionary<string, string>(), ""));

        Assert.Equal(ReceivedRequests.MaxRequests, received.All.Count);
        Assert.Equal("1", received.All[0].Path);
    }
}
