using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Configuration;

public sealed class FailoverDuringReloadTests
{
    [Fact]
    public async Task A_mint_that_goes_on_elsewhere_does_so_in_the_world_that_it_began_in()
    {
        var (arrived, answer) = (new TaskCompletionSource(), new TaskCompletionSource());
        var received = new ConcurrentQueue<(string? Key, string? Voice)>();
        await using var one = await ScriptedUpstream.StartAsync(async context =>
        {
            arrived.TrySetResult();
            await answer.Task;
            context.Response.StatusCode = 503;
        });
        await using var two = await ScriptedUpstream.StartAsync(async context =>
        {
            var body = await JsonNode.ParseAsync(context.Request.Body);
            received.Enqueue((context.Request.Headers["api-key"], (string?)body!["session"]!["audio"]!["output"]!["voice"]));
            await context.Response.WriteAsync(Azure.GaAnswer().ToJsonString());
        });
        await using var gateway = Gateway.Start(Gateway.Generous, settings =>
        {
            Regions.AddDestination(settings, "one", one.Url);
            Regions.AddDestination(settings, "two", two.Url);
            Regions.Describe(settings, "two", "Priority", "1");
        });
        gateway.Announce("answered 503");
        var pending = gateway.MintAsync();
        await arrived.Task;

        var verdict = await gateway.ReloadAsync(settings =>
        {
            settings.Set("Realtime:Profiles:assistant:Voice", "\"echo\"");
            settings.Set("Credentials:two:ApiKey:Primary", "\"the-new-key\"");
            Regions.Describe(settings, "two", "Priority", "0");
            Regions.Describe(settings, "one", "Priority", "1");
        });
        answer.SetResult();
        using var old = await pending;
        using var next = await gateway.MintAsync();

        Assert.Contains("in force", verdict, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (old.StatusCode, next.StatusCode));
        Assert.Equal([(Regions.PrimaryOf("two"), "marin"), ("the-new-key", "echo")], received);
    }
}
