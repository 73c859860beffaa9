using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Configuration;

public sealed class ReloadTests : IAsyncDisposable
{
    private readonly Azure _azure = new();
    private readonly Gateway _gateway;

    public ReloadTests() => _gateway = Gateway.StartWith(_azure.Url);

    [Fact]
    public async Task A_saved_file_is_in_force_within_two_seconds()
    {
        _azure.Mints();
        var saved = TimeProvider.System.GetTimestamp();

        var verdict = await _gateway.ReloadAsync(settings => settings.Set("Realtime:Profiles:assistant:Voice", "\"echo\""));

        Assert.Contains("Configuration 2 is in force", verdict, StringComparison.Ordinal);
        Assert.InRange(TimeProvider.System.GetElapsedTime(saved), TimeSpan.Zero, TimeSpan.FromSeconds(2) + Eventually.Slack);
        using var response = await _gateway.MintAsync();
        Assert.Equal("echo", (string?)_azure.ReceivedJson["session"]!["audio"]!["output"]!["voice"]);
    }

    [Fact]
    public async Task Routes_profiles_limits_and_destinations_all_change_live()
    {
        _azure.Mints();

        await _gateway.ReloadAsync(settings =>
        {
            settings.Set("Realtime:Profiles:second", """{ "Models": [ "gpt-realtime" ], "Voices": [ "verse" ] }""");
            settings.Set("ReverseProxy:Routes:second", """
                {
                  "ClusterId": "azureopenai", "Match": { "Path": "/second", "Methods": [ "POST" ] }, "Metadata": { "Limit": "second" },
                  "Transforms": [ { "PathSet": "/openai/v1/realtime/client_secrets" }, { "SessionProfile": "second" }, { "SessionResponse": "session" } ]
                }
                """);
            settings.Set("Limits:second", """{ "Permits": 1, "Window": "01:00:00" }""");
        });

        using var first = await _gateway.MintAsync("{}", "/second");
        using var limited = await _gateway.MintAsync("{}", "/second");
        using var byName = await _gateway.MintAsync("{}", "/sessions?profile=second");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.TooManyRequests, HttpStatusCode.OK), (first.StatusCode, limited.StatusCode, byName.StatusCode));
        Assert.Equal("verse", (string?)JsonNode.Parse(await byName.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["voice"]);
    }

    [Fact]
    public async Task A_credential_added_live_protects_the_route_at_once()
    {
        using var azure = new Azure();
        azure.Answers("/openai/v1/models", 200, "{}");
        await using var gateway = Gateway.Start(
            new Dictionary<string, string?>(),
            settings =>
            {
                settings.Set("ReverseProxy:Clusters:azureopenai:Destinations", $$"""{ "west": { "Address": "{{azure.Url}}" } }""");
                settings.Set("ReverseProxy:Routes", """{ "models": { "ClusterId": "azureopenai", "Match": { "Path": "/openai/v1/models" } } }""");
            });
        using var before = await gateway.Http.GetAsync("/openai/v1/models", TestContext.Current.CancellationToken);
        Assert.Contains("leaked-region", await before.VisibleAsync(), StringComparison.Ordinal); // no credential, no protection

        await gateway.ReloadAsync(settings =>
        {
            settings.Set("Credentials", """{ "west": { "ApiKey": { "Primary": "a-key" } } }""");
            settings.Set("ReverseProxy:Clusters:azureopenai:Destinations:west:Metadata", """{ "Credential": "west" }""");
        });

        using var after = await gateway.Http.GetAsync("/openai/v1/models", TestContext.Current.CancellationToken);
        Assert.DoesNotContain("leaked", await after.VisibleAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_route_that_is_taken_away_is_gone()
    {
        await _gateway.ReloadAsync(settings => settings.Set("ReverseProxy:Routes", """{ "models": { "ClusterId": "azureopenai", "Match": { "Path": "/openai/v1/models" } } }"""));

        using var response = await _gateway.MintAsync();

        await response.ShouldFailAsync(404, "not_found");
    }

    [Fact]
    public async Task Another_address_and_another_key_count_with_the_next_request()
    {
        using var west = new Azure();
        using var east = new Azure();
        west.Mints();
        east.Mints();
        await using var gateway = Gateway.Start(Gateway.Generous, settings => Point(settings, west.Url, "the-first-key"));
        using var before = await gateway.MintAsync();

        await gateway.ReloadAsync(settings => Point(settings, west.Url, "the-second-key"));
        using var turned = await gateway.MintAsync();
        await gateway.ReloadAsync(settings => Point(settings, east.Url, "the-third-key"));
        using var moved = await gateway.MintAsync();

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK), (before.StatusCode, turned.StatusCode, moved.StatusCode));
        Assert.Equal(["the-first-key", "the-second-key"], west.Keys);
        Assert.Equal(["the-third-key"], east.Keys);
        Assert.Contains(east.Url, await moved.VisibleAsync(), StringComparison.Ordinal);
    }

    private static void Point(JsonNode settings, string url, string key)
    {
        settings.Set("Credentials", $$"""{ "one": { "ApiKey": { "Primary": "{{key}}" } } }""");
        settings.Set("ReverseProxy:Clusters:azureopenai:Destinations", $$"""{ "one": { "Address": "{{url}}", "Metadata": { "Credential": "one" } } }""");
    }

    [Fact]
    public async Task A_request_under_way_ends_in_the_world_that_it_began_in()
    {
        var (arrived, answer) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var upstream = await ScriptedUpstream.StartAsync(async context =>
        {
            arrived.SetResult();
            await answer.Task;
            await context.Response.WriteAsync(Azure.GaAnswer().ToJsonString());
        });
        await using var gateway = Gateway.StartWith(upstream.Url);
        var pending = gateway.MintAsync();
        await arrived.Task;

        await gateway.ReloadAsync(settings =>
        {
            settings.Set("Realtime:Profiles", """{ "other": { "Models": [ "other" ], "Voices": [ "verse" ] } }""");
            settings.Set("ReverseProxy:Routes", """{ "models": { "ClusterId": "azureopenai", "Match": { "Path": "/openai/v1/models" } } }""");
        });
        answer.SetResult();
        using var response = await pending;

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("\"model\":\"gpt-realtime\",\"voice\":\"marin\"", await response.VisibleAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_that_is_turned_as_Kubernetes_turns_it_is_a_change_like_any_other()
    {
        _azure.Mints();
        _gateway.MountSettings();
        _gateway.Announce("refused");

        var good = await _gateway.TurnAsync(settings => settings.Set("Realtime:Profiles:assistant:Voice", "\"echo\""));
        var bad = await _gateway.TurnAsync(settings => settings.Set("Realtime:Profiles:assistant:Voice", "\"robot\""));
        var mended = await _gateway.TurnAsync(settings => settings.Set("Realtime:Profiles:assistant:Voice", "\"sage\""));

        Assert.Contains("Configuration 2 is in force", good, StringComparison.Ordinal);
        Assert.Contains("Realtime:Profiles:assistant:Voice = \"robot\": must be one of Voices", bad, StringComparison.Ordinal);
        Assert.Contains("(appsettings.json)", bad, StringComparison.Ordinal);
        Assert.Contains("Configuration 4 is in force", mended, StringComparison.Ordinal);
        using var response = await _gateway.MintAsync();
        Assert.Equal("sage", (string?)_azure.ReceivedJson["session"]!["audio"]!["output"]!["voice"]);
    }

    public static TheoryData<string, Action<JsonNode>, string> BadChanges => new()
    {
        { "a profile that is not there", settings => settings.Set("ReverseProxy:Routes:sessions:Transforms:1", """{ "SessionProfile": "nobody" }"""), "nobody" },
        { "an unknown transform", settings => settings.Transform("sessions", """{ "PathSett": "/x" }"""), "PathSett" },
        { "a value out of range", settings => settings.Set("Limits:sessions:Window", "\"00:00:00\""), "Limits:sessions:Window" },
        { "a misspelt section", settings => settings.Set("Limitz", "{}"), "Limitz: is not a known key; known here: AZURE_OPENAI_API_KEY, " },
        { "a misspelt key of the simulator", settings => settings.Set("Simulator", """{ "Urll": "http://localhost:1" }"""), "Simulator:Urll: is not a known key" },
        { "a misspelt key of what the connection may bring", settings => settings.Set("Inbound", """{ "MaxHeader": 5 }"""), "Inbound:MaxHeader: is not a known key" },
        { "a misspelt key of Redis", settings => settings.Set("Redis", """{ "Conection": "redis:6379" }"""), "Redis:Conection: is not a known key" },
        { "a misspelt key of a credential", settings => settings.Set("Credentials", """{ "west": { "ApiKee": {} } }"""), "Credentials:west:ApiKee: is not a known key" },
        { "a misspelt key of a profile", settings => settings.Set("Realtime:Profiles:assistant:Voise", "\"x\""), "Realtime:Profiles:assistant:Voise: is not a known key" },
        { "a misspelt key of a limit", settings => settings.Set("Limits:sessions:Permit", "1"), "Limits:sessions:Permit: is not a known key" },
        { "a misspelt key of callers", settings => settings.Set("Callers", """{ "Kees": {} }"""), "Callers:Kees: is not a known key" },
        { "a misspelt key of a CORS list", settings => settings.Set("Cors", """{ "app": { "Origin": [] } }"""), "Cors:app:Origin: is not a known key" },
        { "a misspelt key of the management port", settings => settings.Set("Management", """{ "Prot": 1 }"""), "Management:Prot: is not a known key" },
        { "a name within a route", settings => settings.Set("ReverseProxy:Routes:sessions:RouteId", "\"x\""), "ReverseProxy:Routes:sessions:RouteId: is not a known key" },
        { "a name within a cluster", settings => settings.Set("ReverseProxy:Clusters:azureopenai:ClusterId", "\"x\""), "ReverseProxy:Clusters:azureopenai:ClusterId: is not a known key" },
        { "a word beside one of the gateway's own", settings => settings.Set("ReverseProxy:Routes:sessions:Transforms:1", """{ "SessionProfile": "assistant", "Voice": "echo" }"""), "ReverseProxy:Routes:sessions:Transforms:1:Voice: is not a known key; known here: SessionProfile" },
        { "no route at all", settings => settings.Set("ReverseProxy:Routes", "{}"), "holds no route" },
    };

    [Theory]
    [MemberData(nameof(BadChanges))]
    public async Task A_bad_change_is_refused_and_everything_goes_on(string what, Action<JsonNode> change, string named)
    {
        _azure.Mints();
        _gateway.Announce("refused");

        var verdict = await _gateway.ReloadAsync(change);

        Assert.Contains("refused, the last good one stays in force", verdict, StringComparison.Ordinal);
        Assert.Contains(named, verdict, StringComparison.Ordinal);
        using var response = await _gateway.MintAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.NotEmpty(what);
    }

    [Fact]
    public async Task Several_values_that_YARP_cannot_read_are_named_at_once_with_the_rest()
    {
        _gateway.Announce("refused");

        var verdict = await _gateway.ReloadAsync(settings =>
        {
            settings.Set("ReverseProxy:Routes:sessions:MaxRequestBodySize", "\"much\"");
            settings.Set("ReverseProxy:Routes:sessions:Order", "\"first\"");
            settings.Set("ReverseProxy:Routes:sessions:Match:Headers", """[ { "Name": "x", "Values": [ "y" ], "Mode": "Almost" } ]""");
            settings.Set("ReverseProxy:Clusters:azureopenai:HttpRequest", """{ "ActivityTimeout": "soon" }""");
            settings.Set("ReverseProxy:Clusters:azureopenai:HealthCheck", """{ "Active": { "Enabled": "maybe" } }""");
            settings.Transform("sessions", """{ "PathSett": "/x" }""");
        });

        Assert.All(
            [
                "has 6 fault(s)",
                "ReverseProxy:Routes:sessions:MaxRequestBodySize = \"much\": must be a whole number (appsettings.json)",
                "ReverseProxy:Routes:sessions:Order = \"first\": must be a whole number (appsettings.json)",
                "ReverseProxy:Routes:sessions:Match:Headers:0:Mode = \"Almost\": must be one of ExactHeader, HeaderPrefix, Contains, NotContains, Exists, NotExists (appsettings.json)",
                "ReverseProxy:Clusters:azureopenai:HttpRequest:ActivityTimeout = \"soon\": must be a time span such as 00:01:00 (appsettings.json)",
                "ReverseProxy:Clusters:azureopenai:HealthCheck:Active:Enabled = \"maybe\": must be true or false (appsettings.json)",
                "ReverseProxy:Routes:sessions: Unknown transform: PathSett",
            ],
            fault => Assert.Contains(fault, verdict, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_that_cannot_be_parsed_is_refused_with_its_line_until_it_is_mended()
    {
        _azure.Mints();
        _gateway.Announce("refused");
        _gateway.Logs.Clear();
        _gateway.WriteSettings("{ \"ReverseProxy\": {\n  oops\n");

        var verdict = await _gateway.WhenReloadedAsync();

        Assert.Contains("appsettings.json", verdict, StringComparison.Ordinal);
        Assert.Contains("appsettings.json: is not valid JSON in line 2: ", verdict, StringComparison.Ordinal);
        using var during = await _gateway.MintAsync();
        using var degraded = await _gateway.Http.GetAsync("/health", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, during.StatusCode);
        Assert.Contains("\"status\":\"degraded\"", await degraded.VisibleAsync(), StringComparison.Ordinal);

        _gateway.Logs.Clear();
        _gateway.WriteSettings(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "appsettings.json"), TestContext.Current.CancellationToken));
        Assert.Contains("is in force", await _gateway.WhenReloadedAsync(), StringComparison.Ordinal);
        using var healed = await _gateway.Http.GetAsync("/health", TestContext.Current.CancellationToken);
        Assert.Contains("\"status\":\"healthy\"", await healed.VisibleAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_vanishes_changes_nothing()
    {
        _azure.Mints();
        _gateway.Announce("refused");
        _gateway.Logs.Clear();
        _gateway.RemoveSettings();

        var verdict = await _gateway.WhenReloadedAsync();

        Assert.Contains("appsettings.json: was there and is gone", verdict, StringComparison.Ordinal);
        using var response = await _gateway.MintAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Every_request_sees_one_world_while_the_file_changes()
    {
        _azure.Mints();
        using var stop = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 4).Select(async _ =>
        {
            var seen = 0;
            while (!stop.IsCancellationRequested)
            {
                using var response = await _gateway.MintAsync();
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                seen++;
            }

            return seen;
        }).ToArray();

        // Voice and model tell the worlds apart; a mixture would be a session that no file ever described.
        foreach (var world in new[] { "ash", "echo", "sage", "verse" })
        {
            await _gateway.ReloadAsync(settings =>
            {
                settings.Set("Realtime:Profiles:assistant:Voice", $"\"{world}\"");
                settings.Set("Realtime:Profiles:assistant:Instructions", $"\"{world}\"");
            });
        }

        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(callers), seen => Assert.True(seen > 0));
        Assert.All(_azure.Bodies, body =>
        {
            var session = JsonNode.Parse(body)!["session"]!;
            var (voice, instructions) = ((string)session["audio"]!["output"]!["voice"]!, (string)session["instructions"]!);
            Assert.True(voice == instructions || (voice == "marin" && instructions.StartsWith("You are", StringComparison.Ordinal)), $"{voice}, {instructions}");
        });
    }

    public async ValueTask DisposeAsync()
    {
        _azure.AssertNothingUnexpected();
        await _gateway.DisposeAsync();
        _azure.Dispose();
    }
}
