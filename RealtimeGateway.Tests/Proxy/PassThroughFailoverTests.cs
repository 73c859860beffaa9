using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using RealtimeGateway.Proxy;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Proxy;

/// <summary>A configured path to two resources, the first of which is in trouble. Such a request is repeated only when nothing can have come of it.</summary>
public sealed class PassThroughFailoverTests : IAsyncDisposable
{
    private const string Path = "/openai/v1/chat/completions";

    private readonly List<string> _first = [];
    private readonly List<string> _second = [];
    private readonly ShiftingTime _time = new();
    private int _status;
    private readonly List<string?> _keys = [];
    private ScriptedUpstream _one = null!;
    private ScriptedUpstream _two = null!;
    private Gateway _gateway = null!;

    [Fact]
    public async Task A_body_that_is_kept_goes_to_the_next_when_the_first_is_throttled()
    {
        await StartAsync(429);
        _gateway.Announce("answered 429");

        using var response = await _gateway.MintAsync("""{"messages":[]}""", Path);

        await response.ShouldBeAsync(HttpStatusCode.OK, "{}");
        Assert.Equal(["""{"messages":[]}"""], _first);
        Assert.Equal(["""{"messages":[]}"""], _second);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(401)]
    public async Task After_any_other_failure_it_is_not_repeated(int status)
    {
        await StartAsync(status);
        _gateway.Announce($"answered {status}");

        using var response = await _gateway.MintAsync("{}", Path);

        await response.ShouldFailAsync(502, status is 401 ? "upstream_misconfigured" : "upstream_unavailable");
        Assert.Empty(_second);
    }

    [Fact]
    public async Task A_refused_connection_is_as_good_as_none()
    {
        await StartAsync(200);
        await _gateway.ReloadAsync(settings => settings.Set("ReverseProxy:Clusters:azureopenai:Destinations:one:Address", $"\"{FreeAddress.Next()}\""));
        _gateway.Announce("Forwarding failed: connect");

        using var response = await _gateway.MintAsync("{}", Path);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Single(_second);
    }

    [Theory]
    [InlineData(16, true)]
    [InlineData(15, false)]
    public async Task A_body_over_the_configured_size_streams_through_once(int size, bool isRepeated)
    {
        await StartAsync(429, settings => settings.Set("ReverseProxy:Routes:chat:Metadata", $$"""{ "FailoverBody": "{{size}}" }"""));
        _gateway.Announce("answered 429");

        using var response = await _gateway.MintAsync("""{"messages":[]} """, Path);

        Assert.Equal(isRepeated ? HttpStatusCode.OK : HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Single(_first);
        Assert.Equal(isRepeated ? 1 : 0, _second.Count);
    }

    [Fact]
    public async Task A_body_of_unknown_length_is_not_kept()
    {
        await StartAsync(429);
        _gateway.Announce("answered 429");
        using var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = Gateway.Json("{}") };
        request.Headers.TransferEncodingChunked = true;

        using var response = await _gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);

        await response.ShouldFailAsync(429, "upstream_rate_limited");
        Assert.Empty(_second);
    }

    [Fact]
    public async Task A_stream_that_has_begun_may_outlast_the_time_of_an_attempt()
    {
        await using var slow = await ScriptedUpstream.StartAsync(async context =>
        {
            await context.Response.WriteAsync("[1,", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(TimeSpan.FromSeconds(2.5), context.RequestAborted);
            await context.Response.WriteAsync("2]", context.RequestAborted);
        });
        await StartAsync(200, settings =>
        {
            settings.Set("ReverseProxy:Routes:chat:Metadata", """{ "AttemptTimeout": "00:00:02" }""");
            settings.Set("ReverseProxy:Clusters:azureopenai:Destinations:one:Address", $"\"{slow.Url}\"");
        });

        using var response = await _gateway.MintAsync("{}", Path);

        await response.ShouldBeAsync(HttpStatusCode.OK, "[1,2]");
    }

    [Fact]
    public async Task A_request_without_a_body_can_be_repeated()
    {
        await StartAsync(429);
        _gateway.Announce("answered 429");

        using var response = await _gateway.Http.GetAsync(Path, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_body_that_is_too_large_for_the_route_is_refused_before_anything_is_kept()
    {
        await StartAsync(200, settings => settings.Set("ReverseProxy:Routes:chat:MaxRequestBodySize", "4"));
        _gateway.Announce("Forwarding failed: RequestBodyClient");

        using var response = await _gateway.MintAsync("""{"messages":[]}""", Path);

        await response.ShouldFailAsync(413, "request_too_large");
        Assert.Empty(_first.Concat(_second));
    }

    [Fact]
    public async Task What_does_not_exist_there_is_not_found_here_and_no_fault_of_the_destination()
    {
        await StartAsync(404);
        _gateway.Announce("answered 404");

        using var response = await _gateway.MintAsync("{}", Path);

        await response.ShouldFailAsync(404, "not_found");
        Assert.All(_gateway.Snapshot().Destinations.All, destination => Assert.Equal("healthy", destination.Report().State));
    }

    [Fact]
    public async Task A_deployment_that_does_not_exist_there_is_the_callers_own_word_and_no_fault_of_the_destination()
    {
        await StartAsync(404, body: """{"error":{"code":"DeploymentNotFound"}}""");
        _gateway.Announce("answered 404 (DeploymentNotFound)");

        using var response = await _gateway.MintAsync("""{"model":"nonsense"}""", Path);

        await response.ShouldFailAsync(404, "not_found");
        Assert.Equal("healthy", One.Report().State);
    }

    [Theory]
    [InlineData(429, "throttled")]
    [InlineData(403, "misconfigured")]
    [InlineData(503, "failing")]
    public async Task A_destination_that_is_out_for_what_passes_through_still_takes_sessions(int status, string state)
    {
        await StartAsync(status, settings => settings.Set("ReverseProxy:Clusters:azureopenai:Metadata:CircuitFailures", "\"1\""));
        _gateway.Announce($"answered {status}");
        using var refused = await _gateway.MintAsync("{}", Path);
        Assert.Equal(state, One.Report().State); // nothing else has gone there

        using var mint = await _gateway.MintAsync();
        using var next = await _gateway.MintAsync("{}", Path);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (mint.StatusCode, next.StatusCode));
        Assert.Equal(2, _first.Count); // the mint, and not what passes through again
        Assert.Equal("healthy", One.Report().State);
    }

    [Fact]
    public async Task A_stream_that_has_begun_shows_that_the_destination_is_well()
    {
        var over = new TaskCompletionSource();
        await using var slow = await ScriptedUpstream.StartAsync(async context =>
        {
            context.Response.StatusCode = _status;
            await context.Response.WriteAsync("[", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            if (_status is 200)
                await over.Task;
        });
        await StartAsync(503, settings =>
        {
            settings.Set("ReverseProxy:Clusters:azureopenai:Metadata:CircuitFailures", "\"1\"");
            settings.Set("ReverseProxy:Clusters:azureopenai:Destinations:one:Address", $"\"{slow.Url}\"");
        });
        _gateway.Announce("answered 503");
        using var refused = await _gateway.MintAsync("{}", Path);
        _time.Advance(TimeSpan.FromSeconds(6));
        _status = 200;

        using var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = Gateway.Json("{}") };
        using var stream = await _gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, stream.StatusCode);
        Assert.Equal("healthy", One.Report().State);
        over.SetResult();
        Assert.Equal("[", await stream.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Empty(_second);
    }

    [Fact]
    public async Task An_answer_may_be_silent_for_as_long_as_its_route_allows()
    {
        await StartAsync(200);

        Assert.All(_gateway.Snapshot().Clusters, cluster => Assert.Equal(TimeSpan.FromHours(1), cluster.HttpRequest!.ActivityTimeout));
    }

    [Fact]
    public async Task What_has_not_changed_is_said_to_the_caller_and_no_fault_of_the_destination()
    {
        await StartAsync(304, body: "");

        using var response = await _gateway.Http.GetAsync(Path, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotModified, response.StatusCode);
        Assert.Equal("healthy", One.Report().State);
    }

    [Fact]
    public async Task A_refused_key_is_turned_for_the_next_request()
    {
        await StartAsync(401, settings => settings.Set("Credentials:one:ApiKey:Secondary", "\"another-key\""));
        _gateway.Announce("answered 401");

        using var response = await _gateway.MintAsync("{}", Path);

        await response.ShouldFailAsync(502, "upstream_misconfigured");
        Assert.Single(_first);
        Assert.Equal(("secondary", "healthy"), (One.Credential!.Report().State, One.Report().State));

        using var next = await _gateway.MintAsync("{}", Path);
        Assert.Equal([Regions.PrimaryOf("one"), "another-key"], _keys);
    }

    [Fact]
    public async Task Where_nothing_can_be_repeated_a_destination_that_was_out_comes_back_all_the_same()
    {
        await StartAsync(503, settings => settings.Set("ReverseProxy:Clusters:azureopenai:Metadata:CircuitFailures", "\"1\""));
        _gateway.Announce("answered 503");
        Assert.Equal([HttpStatusCode.BadGateway, HttpStatusCode.OK], [await StreamAsync(), await StreamAsync()]);
        Assert.Equal((1, 1), (_first.Count, _second.Count));

        _time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(HttpStatusCode.OK, await StreamAsync());
        Assert.Equal((1, 2), (_first.Count, _second.Count)); // a request that can be repeated would find out at no cost
        _time.Advance(TimeSpan.FromMinutes(1));
        _status = 200;

        Assert.Equal(HttpStatusCode.OK, await StreamAsync());
        Assert.Equal(HttpStatusCode.OK, await StreamAsync());
        Assert.Equal((3, 2), (_first.Count, _second.Count));
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _one.DisposeAsync();
        await _two.DisposeAsync();
    }

    private Destination One => _gateway.Snapshot().Destinations.All.Single(destination => destination.Name == "one");

    private async Task<HttpStatusCode> StreamAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = Gateway.Json("{}") };
        request.Headers.TransferEncodingChunked = true;
        using var response = await _gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    private async Task StartAsync(int status, Action<JsonNode>? change = null, string body = "{}")
    {
        _status = status;
        _one = await ScriptedUpstream.StartAsync(context =>
        {
            _keys.Add(context.Request.Headers["api-key"]);
            return AnswerAsync(context, _first, _status, body);
        });
        _two = await ScriptedUpstream.StartAsync(context => AnswerAsync(context, _second, 200, "{}"));
        _gateway = Gateway.Start(Gateway.Generous, settings =>
        {
            Regions.AddDestination(settings, "one", _one.Url);
            Regions.AddDestination(settings, "two", _two.Url);
            Regions.Describe(settings, "two", "Priority", "1");
            settings.Set("ReverseProxy:Routes:chat", $$"""{ "ClusterId": "azureopenai", "Match": { "Path": "{{Path}}" } }""");
            change?.Invoke(settings);
        }, services: services => services.AddSingleton<TimeProvider>(_time));
    }

    private static async Task AnswerAsync(HttpContext context, List<string> received, int status, string body)
    {
        using var reader = new StreamReader(context.Request.Body);
        received.Add(await reader.ReadToEndAsync(context.RequestAborted));
        if (context.Request.Path == Azure.GaPath)
            (status, body) = (200, Azure.GaAnswer().ToJsonString());
        context.Response.StatusCode = status;
        await context.Response.WriteAsync(body, context.RequestAborted);
    }
}
