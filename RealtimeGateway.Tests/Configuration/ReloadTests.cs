using System.Net;
using System.Text.Json.Nodes;
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
        Assert.InRange(TimeProvider.System.GetElapsedTime(saved), TimeSpan.Zero, TimeSpan.FromSeconds(2));
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

    public static TheoryData<string, Action<JsonNode>, string> BadChanges => new()
    {
        { "a profile that is not there", settings => settings.Set("ReverseProxy:Routes:sessions:Transforms:2", """{ "SessionProfile": "nobody" }"""), "nobody" },
        { "an unknown transform", settings => settings.Transform("sessions", """{ "PathSett": "/x" }"""), "PathSett" },
        { "a value out of range", settings => settings.Set("Limits:sessions:Window", "\"00:00:00\""), "Limits:sessions:Window" },
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
