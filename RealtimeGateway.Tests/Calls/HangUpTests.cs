using System.Net;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Calls;

/// <summary>How a call ends by its caller's wish, and what is known about it.</summary>
public sealed class HangUpTests : IAsyncLifetime
{
    private readonly ShiftingTime _time = new();
    private CallingAzure _azure = null!;
    private Gateway _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _azure = await CallingAzure.StartAsync();
        _gateway = Gateway.StartWith(_azure.Url, services: services => services.AddSingleton<TimeProvider>(_time));
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _azure.DisposeAsync();
    }

    [Fact]
    public async Task A_hang_up_goes_where_the_call_is_with_the_key_and_is_done_once()
    {
        var call = await _gateway.BeginCallAsync();

        using var first = await _gateway.HangUpAsync(call);
        using var second = await _gateway.HangUpAsync(call);

        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NoContent), (first.StatusCode, second.StatusCode));
        var hangUp = Assert.Single(_azure.All, request => request.Path == $"{CallingAzure.CallsPath}/{CallingAzure.CallId}/hangup");
        Assert.Equal(["api-key", "Content-Length", "Host"], hangUp.HeaderNames);
        Assert.Equal((Gateway.Key, "", ""), (hangUp.Headers["api-key"], hangUp.Query, hangUp.Body));
        Assert.Equal([CallingAzure.CallId], _azure.HangUps);
    }

    [Fact]
    public async Task A_call_is_described_by_what_the_gateway_knows()
    {
        var call = await _gateway.BeginCallAsync();
        _time.Advance(TimeSpan.FromSeconds(100));

        using var response = await _gateway.AskAsync(call);
        var begun = System.Text.Json.Nodes.JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!.AsObject();
        Assert.Equal(["id", "object", "state", "seconds", "end_reason"], begun.Select(member => member.Key));
        Assert.Equal((call[7..], "realtime.call", "begun", null), ((string?)begun["id"], (string?)begun["object"], (string?)begun["state"], (string?)begun["end_reason"]));
        Assert.InRange((int)begun["seconds"]!, 100, 130);
        Assert.True(response.Headers.CacheControl?.NoStore);

        await _gateway.HangUpAsync(call);
        _time.Advance(TimeSpan.FromSeconds(500));
        var ended = await _gateway.DescribeAsync(call);
        Assert.Equal(("ended", "hangup"), ((string?)ended["state"], (string?)ended["end_reason"]));
        Assert.InRange((int)ended["seconds"]!, 100, 130);
    }

    [Fact]
    public async Task After_an_hour_a_call_is_over_and_nobody_is_asked()
    {
        var call = await _gateway.BeginCallAsync();
        _time.Advance(TimeSpan.FromMinutes(60));

        var ended = await _gateway.DescribeAsync(call);

        Assert.Equal(("ended", 3600, "expired"), ((string?)ended["state"], (int)ended["seconds"]!, (string?)ended["end_reason"]));
        Assert.Equal(204, await _gateway.HangUpAsync(call).StatusAsync());
        Assert.Empty(_azure.HangUps);
    }

    [Theory]
    [InlineData("")]
    [InlineData("""{"error":{"message":"leaked","type":"invalid_request_error","param":null,"code":"call_id_not_found"}}""")]
    public async Task What_the_service_no_longer_knows_is_over(string body)
    {
        _azure.OnHangUp = CallingAzure.Status(404, body);
        var call = await _gateway.BeginCallAsync();

        Assert.Equal(204, await _gateway.HangUpAsync(call).StatusAsync());
        Assert.Equal(204, await _gateway.HangUpAsync(call).StatusAsync());

        Assert.Single(_azure.HangUps);
        Assert.Equal("gone", (string?)(await _gateway.DescribeAsync(call))["end_reason"]);
    }

    [Theory]
    [InlineData("""{"error":{"code":"404","message":"Resource not found"}}""")]
    [InlineData("""{"error":{"code":"DeploymentNotFound","message":"leaked"}}""")]
    [InlineData("""{"error":{"code":"ResourceNotFound","message":"leaked"}}""")]
    [InlineData("""{"error":{"code":null,"message":"leaked"}}""")]
    [InlineData("""{"statusCode":404,"message":"Resource not found"}""")]
    [InlineData("<html>call_id_not_found</html>")]
    public async Task A_404_that_speaks_of_no_call_ends_none(string body)
    {
        _azure.OnHangUp = CallingAzure.Status(404, body);
        _gateway.Announce("answered 404");
        var call = await _gateway.BeginCallAsync();

        using var response = await _gateway.HangUpAsync(call);

        await response.ShouldFailAsync(502, "upstream_misconfigured");
        Assert.DoesNotContain("leaked", await response.VisibleAsync(), StringComparison.Ordinal);
        Assert.Equal("begun", (string?)(await _gateway.DescribeAsync(call))["state"]);
    }

    [Fact]
    public async Task A_service_in_trouble_is_asked_once_more_to_hang_up()
    {
        var tries = 0;
        _azure.OnHangUp = context => Interlocked.Increment(ref tries) == 1 ? CallingAzure.Status(503)(context) : Task.CompletedTask;
        _gateway.Announce("answered 503");

        Assert.Equal(204, await _gateway.HangUpAsync(await _gateway.BeginCallAsync()).StatusAsync());

        Assert.Equal(2, _azure.HangUps.Count);
    }

    [Fact]
    public async Task A_hang_up_that_a_transport_failed_is_tried_once_more()
    {
        var tries = 0;
        _azure.OnHangUp = context => Interlocked.Increment(ref tries) == 1 ? CallingAzure.Reset(context) : Task.CompletedTask;
        _gateway.Announce("No hangup: reset");

        Assert.Equal(204, await _gateway.HangUpAsync(await _gateway.BeginCallAsync()).StatusAsync());

        Assert.Equal(2, _azure.HangUps.Count);
    }

    [Theory]
    [InlineData(500, 502, "upstream_unavailable", 2)]
    [InlineData(429, 429, "upstream_rate_limited", 1)]
    [InlineData(401, 502, "upstream_misconfigured", 1)]
    [InlineData(403, 502, "upstream_misconfigured", 1)]
    public async Task A_hang_up_that_the_service_refuses_is_an_error_and_may_be_asked_for_again(int answer, int status, string code, int tries)
    {
        _azure.OnHangUp = CallingAzure.Status(answer);
        _gateway.Announce($"answered {answer}");
        var call = await _gateway.BeginCallAsync();

        using var response = await _gateway.HangUpAsync(call);

        await response.ShouldFailAsync(status, code);
        Assert.DoesNotContain("leaked", await response.VisibleAsync(), StringComparison.Ordinal);
        Assert.Equal(tries, _azure.HangUps.Count);
        Assert.Equal("begun", (string?)(await _gateway.DescribeAsync(call))["state"]);
        _azure.OnHangUp = _ => Task.CompletedTask;
        Assert.Equal(204, await _gateway.HangUpAsync(call).StatusAsync());
    }

    [Fact]
    public async Task A_transport_that_fails_twice_is_an_error()
    {
        _azure.OnHangUp = CallingAzure.Reset;
        _gateway.Announce("No hangup: reset");

        using var response = await _gateway.HangUpAsync(await _gateway.BeginCallAsync());

        await response.ShouldFailAsync(502, "upstream_unavailable");
        Assert.Equal(2, _azure.HangUps.Count);
    }

    [Fact]
    public async Task A_caller_that_does_not_wait_ends_the_call_all_the_same()
    {
        var (asked, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        var wasBrokenOff = false;
        _azure.OnHangUp = async context =>
        {
            asked.TrySetResult();
            await goOn.Task;
            wasBrokenOff = context.RequestAborted.IsCancellationRequested;
        };
        var call = await _gateway.BeginCallAsync();
        using var leaving = new CancellationTokenSource();
        var hangUp = _gateway.SendAsync(HttpMethod.Delete, call, key: null, cancellation: leaving.Token);
        await asked.Task;
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hangUp);
        goOn.SetResult();

        await Eventually.ShouldAsync(async () => (string?)(await _gateway.DescribeAsync(call))["end_reason"] is "hangup");
        Assert.False(wasBrokenOff);
    }

    [Fact]
    public async Task A_destination_that_serves_no_other_calls_still_ends_its_own()
    {
        var call = await _gateway.BeginCallAsync();

        Assert.Contains("is in force", await _gateway.ReloadAsync(settings => settings["ReverseProxy"]!["Routes"]!.AsObject().Remove("calls")), StringComparison.Ordinal);

        Assert.Equal(204, await _gateway.HangUpAsync(call).StatusAsync());
        Assert.Equal([CallingAzure.CallId], _azure.HangUps);
    }

    [Theory]
    [InlineData("one", "http://127.0.0.1:1")]
    [InlineData("other", "")]
    public async Task A_call_at_a_resource_that_has_left_the_configuration_is_ended_there_and_no_key_goes_elsewhere(string name, string address)
    {
        await using var gateway = Gateway.Start(Gateway.Generous, settings => Regions.AddDestination(settings, "one", _azure.Url));
        var call = await gateway.BeginCallAsync();
        string? key = null;
        _azure.OnHangUp = context =>
        {
            key = context.Request.Headers["api-key"];
            return CallingAzure.Status(200, "")(context);
        };

        // Twice: what has left once is not forgotten by the next change.
        for (var i = 0; i < 2; i++)
        {
            Assert.Contains("is in force", await gateway.ReloadAsync(settings =>
            {
                settings["ReverseProxy"]!["Clusters"]!["azureopenai"]!["Destinations"]!.AsObject().Remove("one");
                settings["Credentials"]!.AsObject().Remove("one");
                Regions.AddDestination(settings, name, address.Length > 0 ? address : _azure.Url);
                settings.Set("Realtime:Profiles:assistant:SecretLifetimeSeconds", $"{60 + i}");
            }), StringComparison.Ordinal);
        }

        Assert.Equal(204, await gateway.HangUpAsync(call).StatusAsync());
        Assert.Equal([CallingAzure.CallId], _azure.HangUps);
        Assert.Equal(Regions.PrimaryOf("one"), key);
    }

    [Fact]
    public async Task A_call_behind_a_cluster_that_has_another_name_now_is_ended_all_the_same()
    {
        await using var gateway = Gateway.Start(Gateway.Generous, settings => Regions.AddDestination(settings, "one", _azure.Url));
        var call = await gateway.BeginCallAsync();

        Assert.Contains("is in force", await gateway.ReloadAsync(settings =>
        {
            var clusters = settings["ReverseProxy"]!["Clusters"]!.AsObject();
            clusters.Remove("azureopenai", out var cluster);
            clusters.Add("renamed", cluster);
            foreach (var (_, route) in settings["ReverseProxy"]!["Routes"]!.AsObject())
                route!["ClusterId"] = "renamed";
        }), StringComparison.Ordinal);

        Assert.Equal(204, await gateway.HangUpAsync(call).StatusAsync());
        Assert.Equal([CallingAzure.CallId], _azure.HangUps);
    }

    [Fact]
    public async Task A_call_at_a_resource_that_a_replica_has_never_known_cannot_be_ended_there()
    {
        var keys = new EphemeralDataProtectionProvider();
        await using var one = StartReplica("one");
        await using var other = StartReplica("other");
        other.Announce("A call cannot be hung up: destination one");
        var call = await one.BeginCallAsync();

        using var response = await other.HangUpAsync(call);

        await response.ShouldFailAsync(502, "upstream_misconfigured");
        Assert.Empty(_azure.HangUps);

        Gateway StartReplica(string destination) => Gateway.Start(
            Gateway.Generous, settings => Regions.AddDestination(settings, destination, _azure.Url), services: services => services.AddSingleton<IDataProtectionProvider>(keys));
    }

    [Fact]
    public async Task A_key_that_has_been_replaced_meanwhile_is_turned()
    {
        await using var gateway = Gateway.Start(Gateway.Generous, settings =>
        {
            Regions.AddDestination(settings, "one", _azure.Url);
            settings.Set("Credentials:one:ApiKey:Secondary", $"\"{Regions.SecondaryOf("one")}\"");
        });
        var call = await gateway.BeginCallAsync();
        _azure.OnHangUp = context => context.Request.Headers["api-key"] == Regions.SecondaryOf("one") ? Task.CompletedTask : CallingAzure.Status(401)(context);
        gateway.Announce("answered 401", "secondary");

        Assert.Equal(204, await gateway.HangUpAsync(call).StatusAsync());
        Assert.Equal(2, _azure.HangUps.Count);
    }
}
