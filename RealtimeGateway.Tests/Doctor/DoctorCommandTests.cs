using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RealtimeGateway.Simulator.Breaking;
using RealtimeGateway.Tests.Infrastructure;
using RealtimeGateway.Tests.Simulator;

namespace RealtimeGateway.Tests.Doctor;

public sealed partial class DoctorCommandTests
{
    private const string Costs =
        "This asks 1 destination(s): at most 3 mint(s), 2 call(s) without media that are hung up at once, 4 socket(s) that are closed at once, " +
        "8 request(s) that begin nothing, and no response of a model. It uses quota of requests per minute, and no tokens.";

    [Fact]
    public async Task Where_the_gateway_would_run_on_the_simulator_it_is_asked_and_all_works()
    {
        using var folder = new SettingsFolder(change: null);
        var address = FreeAddress.Next();

        var result = await CommandProcess.RunAsync(folder.Path, ["doctor", "--environment", "Development"], ("Simulator__Url", address));

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Equal(
            $$$"""
            {{{Costs}}}

            azureopenai/default  {{{address}}}/  ga
              ok      connection N ms  HTTP/1.1, http
              ok      mint N ms  200, profile assistant, deployment gpt-realtime
              ok      socket N ms  the session of profile assistant is confirmed
              ok      call N ms  201, an SDP answer of N bytes
              ok      sideband N ms  session.created
              ok      hang_up N ms  the call is over
              This resource:
                form_on_calls           accepted with the destination's own credential: 201
                location                /v1/realtime/calls/rtc_…, relative
                event_filter            not decidable here: whether webrtcfilter also holds back what a browser sends shows on a data channel, and this call has no media
                refused_secret          one that was never minted: 401 {"statusCode":number,"message":string}
                cors_on_calls           preflight 204, origins: any, methods: POST, headers: authorization, content-type; the answer to POST, origins: any, exposes: none
                get_call                404 {"error":{"code":"404","message":string}}
                delete_call             404 {"error":{"code":"404","message":string}}
                get_secrets             404 {"error":{"code":"404","message":string}}
                delete_secrets          404 {"error":{"code":"404","message":string}}
                tracing                 accepted, and the session has auto
                safety_identifier       the header is accepted or overlooked
                secret_on_socket        as a browser brings it (subprotocol): it opens a session; as a bearer token: it opens a session
                sideband_after_hang_up  it was closed with 1000
                quota_headers           x-ratelimit-limit-requests, x-ratelimit-limit-tokens, x-ratelimit-remaining-requests, x-ratelimit-remaining-tokens, x-ratelimit-reset-requests, x-ratelimit-reset-tokens

            Every destination gives what the gateway needs.

            """,
            Numbers().Replace(result.Output, " N ${unit}"));
    }

    [Fact]
    public async Task With_json_the_same_facts_come_as_one_object_and_the_costs_are_said_beside_it()
    {
        await using var visit = await Visit.BeginAsync();

        var text = await visit.DoctorAsync();
        var json = await visit.DoctorAsync("--json");

        Assert.Equal((0, Costs), (json.ExitCode, json.Error.Trim()));
        var answer = JsonNode.Parse(json.Output)!;
        Assert.Equal("""{"destinations":1,"mints":3,"calls":2,"sockets":4,"others":8,"responses":0}""", answer["costs"]!.ToJsonString());
        var destination = Assert.Single(answer["destinations"]!.AsArray())!;
        Assert.Equal(
            ["azureopenai", "default", visit.Azure.Url, "ga", "gpt-realtime"],
            new[] { "cluster", "name", "address", "protocol", "deployment" }.Select(name => (string?)destination[name]));
        Assert.Equal(["connection", "mint", "socket", "call", "sideband", "hang_up"], destination["checks"]!.AsArray().Select(check => (string?)check!["check"]));
        Assert.All(destination["checks"]!.AsArray(), check => Assert.Equal(("ok", true), ((string?)check!["verdict"], check["milliseconds"] is not null)));
        Assert.All(
            destination["findings"]!.AsArray().Select(finding => $"    {finding!["point"],-24}{finding["answer"]}"),
            line => Assert.Contains(line, text.Output, StringComparison.Ordinal));
        Assert.Equal(14, destination["findings"]!.AsArray().Count);
        var document = File.ReadAllText(Path.Combine(Repository.Root, "docs", "doctor.md"));
        Assert.All(
            destination["checks"]!.AsArray().Select(check => check!["check"]).Concat(destination["findings"]!.AsArray().Select(finding => finding!["point"])),
            name => Assert.Contains($"`{name}`", document, StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_costs_what_it_says_and_hangs_up_both_calls()
    {
        await using var visit = await Visit.BeginAsync();

        await visit.DoctorAsync();

        var received = visit.Azure.Received.All;
        int Count(string method, string path) => received.Count(request => request.Method == method && request.Path == path);
        Assert.Equal((3, 4), (Count("POST", SimulatedAzure.Mint), Count("GET", "/openai/v1/realtime")));
        Assert.Equal(3, Count("POST", SimulatedAzure.Calls)); // one of them with a secret that does not count
        Assert.Equal(2, received.Count(request => request.Path.EndsWith("/hangup", StringComparison.Ordinal)));
        Assert.Equal(8 - 2, received.Count - 3 - 4 - 3 - 2); // one of the two is that offer; the other one goes ahead, over TLS only
        await visit.AssertNoCallIsLeftAsync(begun: 2);
    }

    [Fact]
    public async Task A_broken_destination_does_not_hide_another()
    {
        await using var visit = await Visit.BeginAsync();
        visit.Configure(("broken", FreeAddress.Next()), ("well", visit.Azure.Url));

        var result = await visit.DoctorAsync([("Callers__AllowAnonymous", "true")], "--json");

        var (broken, well) = JsonNode.Parse(result.Output)!["destinations"]!.AsArray() is [{ } first, { } second] ? (first, second) : default;
        Assert.Equal((1, false, true), (result.ExitCode, (bool)broken["ok"]!, (bool)well["ok"]!));
        Assert.Equal("ReverseProxy:Clusters:azureopenai:Destinations:broken:Address; ReverseProxy:Clusters:azureopenai:HttpClient:WebProxy:Address", (string?)broken.Check("connection")["setting"]);
    }

    [Theory]
    [InlineData("well")]
    [InlineData("azureopenai/well")]
    public async Task Only_the_destinations_that_are_named_are_asked(string name)
    {
        await using var visit = await Visit.BeginAsync();
        visit.Configure(("broken", FreeAddress.Next()), ("well", visit.Azure.Url));

        var result = await visit.DoctorAsync([("Callers__AllowAnonymous", "true")], name);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("azureopenai/well", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("broken", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nowhere", "No realtime route leads to nowhere; there is: default")]
    [InlineData("--jsn", "--jsn is not understood here")]
    public async Task What_it_does_not_know_is_wrong_usage_and_nothing_is_sent(string argument, string says)
    {
        await using var visit = await Visit.BeginAsync();

        var result = await visit.DoctorAsync(argument);

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.StartsWith(says, result.Error, StringComparison.Ordinal);
        Assert.Empty(visit.Azure.Received.All);
    }

    [Fact]
    public async Task Without_a_realtime_route_there_is_nothing_to_ask()
    {
        await using var visit = await Visit.BeginAsync();
        visit.Folder.Change(settings => settings["ReverseProxy"]!["Routes"] = JsonNode.Parse("""{ "chat": { "ClusterId": "azureopenai", "Match": { "Path": "/chat", "Methods": [ "POST" ] } } }"""));

        var result = await visit.DoctorAsync();

        Assert.Equal((2, "", "No realtime route leads to any destination; there is: none"), (result.ExitCode, result.Output, result.Error.Trim()));
        Assert.Empty(visit.Azure.Received.All);
    }

    [Fact]
    public async Task A_simulator_that_cannot_listen_is_a_sentence_that_names_the_setting()
    {
        await using var visit = await Visit.BeginAsync();

        var result = await CommandProcess.RunAsync(visit.Folder.Path, ["doctor", "--environment", "Development"], ("Simulator__Url", visit.Azure.Url.TrimEnd('/')));

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith($"The simulator cannot listen on {visit.Azure.Url.TrimEnd('/')}", Assert.Single(result.Error.Trim().Split('\n')), StringComparison.Ordinal);
        Assert.Contains("Set Simulator:Url to another address.", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("--json")]
    public async Task A_configuration_that_is_refused_is_printed_as_validate_prints_it(params string[] arguments)
    {
        await using var visit = await Visit.BeginAsync();
        var faulty = visit.Variables(("Limits__sessions__Permits", "0"));

        var result = await visit.DoctorAsync(faulty, arguments);

        Assert.Equal(await CommandProcess.RunAsync(visit.Folder.Path, ["validate", .. arguments], faulty), result);
        Assert.Equal(1, result.ExitCode);
        Assert.Empty(visit.Azure.Received.All);
    }

    [Fact]
    public async Task At_a_destination_of_the_preview_protocol_it_only_mints()
    {
        await using var visit = await Visit.BeginAsync();

        var destination = await visit.ExamineAsync(
            ("AZURE_OPENAI_API_VERSION", SimulatedAzure.PreviewVersion), ("AZURE_OPENAI_WEBRTC_URL", "https://eastus2.realtimeapi-preview.ai.azure.com/v1/realtimertc"));

        Assert.Equal("ok", destination.Verdict("mint"));
        Assert.All(new[] { "socket", "call", "sideband", "hang_up" }, check => Assert.Equal(
            ("skipped", "the gateway only mints at a destination of the preview protocol"), (destination.Verdict(check), (string?)destination.Check(check)["detail"])));
        Assert.Equal([("HEAD", "/"), ("POST", "/openai/realtimeapi/sessions")], visit.Azure.Received.All.Select(request => (request.Method, request.Path)));
    }

    [Fact]
    public async Task Broken_off_while_an_offer_is_on_its_way_it_waits_for_the_call_and_hangs_it_up()
    {
        await using var visit = await Visit.BeginAsync();
        visit.Break(FaultOperation.Calls, FaultEffect.Late, delayMs: 1000);
        string? said = null;

        var result = await CommandProcess.RunAsync(visit.Folder.Path, ["doctor"], async process =>
        {
            await Eventually.ShouldAsync(async () => (await visit.Azure.CallsAsync()).Count == 1);
            using var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
            said = await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken);
            await Eventually.ShouldAsync(async () =>
            {
                visit.Azure.Time.Advance(TimeSpan.FromSeconds(1));
                return (await visit.Azure.CallsAsync()).All(call => (string?)call["state"] is not "live");
            });
        }, visit.Variables());

        Assert.Equal("Interrupted: what was begun is ended first. A second time ends at once, and may leave a call behind.", said);
        Assert.Equal((1, ""), (result.ExitCode, result.Error));
        await visit.AssertNoCallIsLeftAsync(begun: 1);
    }

    [GeneratedRegex(@" +\d+ (?<unit>ms|bytes)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Numbers();
}
