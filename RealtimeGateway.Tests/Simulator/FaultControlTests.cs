using System.IO.Compression;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RealtimeGateway.Simulator.Breaking;
using RealtimeGateway.Simulator.Control;

namespace RealtimeGateway.Tests.Simulator;

public class FaultControlTests
{
    [Fact]
    public async Task A_fault_is_injected_listed_used_up_and_gone()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        var created = await azure.ControlAsync(
            HttpMethod.Post, "/faults", """{"operation":"mint","times":2,"effect":"status","status":429,"variant":"quota","retryAfter":7}""");
        var fault = await SimulatedAzure.JsonOfAsync(created);

        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal(
            """{"id":1,"effect":"status","operation":"mint","times":2,"remaining":2,"status":429,"variant":"quota","retryAfter":7}""",
            fault.ToJsonString());

        Assert.Equal(HttpStatusCode.TooManyRequests, (await azure.MintAsync()).StatusCode);
        Assert.Equal(1, (await ListAsync(azure)).Single()!["remaining"]!.GetValue<int>());
        Assert.Equal(HttpStatusCode.TooManyRequests, (await azure.MintPreviewAsync()).StatusCode);
        Assert.Empty(await ListAsync(azure));
        Assert.Equal(HttpStatusCode.OK, (await azure.MintAsync()).StatusCode);
    }

    [Fact]
    public async Task A_fault_without_times_stays_until_it_is_removed()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        await azure.ControlAsync(HttpMethod.Post, "/faults", """{"effect":"empty","times":null}""");
        for (var i = 0; i < 3; i++) Assert.Equal(0, (await azure.MintAsync()).Content.Headers.ContentLength);

        Assert.Equal(HttpStatusCode.NoContent, (await azure.ControlAsync(HttpMethod.Delete, "/faults/1")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await azure.ControlAsync(HttpMethod.Delete, "/faults/1")).StatusCode);
        Assert.NotEqual(0, (await azure.MintAsync()).Content.Headers.ContentLength);
    }

    [Fact]
    public async Task All_faults_are_removed_at_once()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        azure.Break(FaultEffect.Html, FaultOperation.Mint);
        azure.Break(FaultEffect.Html, FaultOperation.Calls);

        Assert.Equal(HttpStatusCode.NoContent, (await azure.ControlAsync(HttpMethod.Delete, "/faults")).StatusCode);
        Assert.Empty(azure.Faults.Active);
    }

    [Fact]
    public async Task Faults_of_one_operation_happen_in_the_order_of_their_injection()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        azure.Faults.Inject(new() { Effect = FaultEffect.Status, Status = 500, Times = 1 });
        azure.Faults.Inject(new() { Effect = FaultEffect.Status, Status = 408, Operation = FaultOperation.Mint, Times = 1 });

        Assert.Equal(HttpStatusCode.InternalServerError, (await azure.MintAsync()).StatusCode);
        Assert.Equal(HttpStatusCode.RequestTimeout, (await azure.MintAsync()).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await azure.MintAsync()).StatusCode);
    }

    [Theory]
    [InlineData("mint", "mint", "preview mint")]
    [InlineData("calls", "calls")]
    [InlineData("socket", "socket")]
    [InlineData("sideband", "sideband")]
    [InlineData("hangup", "hangup")]
    [InlineData("*", "mint", "preview mint", "calls", "socket", "sideband", "hangup", "other")]
    public async Task A_fault_meets_the_requests_of_its_operation(string operation, params string[] met)
    {
        await using var azure = await SimulatedAzure.StartAsync();
        await azure.ControlAsync(HttpMethod.Post, "/faults", $$"""{"operation":"{{operation}}","effect":"status","status":408}""");

        (string Name, Func<Task<HttpResponseMessage>> Send)[] requests =
        [
            ("mint", () => azure.MintAsync()),
            ("preview mint", () => azure.MintPreviewAsync()),
            ("calls", () => azure.CallAsync("ek_unknown")),
            ("socket", () => SocketClient.HandshakeAsync(azure, "/openai/v1/realtime?model=unknown", null, null)),
            ("sideband", () => SocketClient.HandshakeAsync(azure, "/openai/v1/realtime?call_id=rtc_unknown", null, null)),
            ("hangup", () => azure.HangUpAsync("rtc_unknown")),
            ("other", () => azure.Http.GetAsync(new Uri("/", UriKind.Relative))),
        ];
        var timedOut = new List<string>();
        foreach (var (name, send) in requests)
            if (await TimesOutAsync(send())) timedOut.Add(name);
        Assert.Equal(met, timedOut);
        Assert.Equal(HttpStatusCode.OK, (await azure.ControlAsync(HttpMethod.Get, "/faults")).StatusCode);
    }

    [Theory]
    [InlineData("""{}""", "effect", "Missing")]
    [InlineData("""{"effect":"hng"}""", "effect", "hangMidBody")]
    [InlineData("""{"effect":"hang","operation":"mnt"}""", "operation", "*, mint, calls, socket, sideband, hangup")]
    [InlineData("""{"effect":"hang","repeat":1}""", "repeat", "operation")]
    [InlineData("""{"effect":"hang","status":500}""", "status", "effect, operation, times")]
    [InlineData("""{"effect":"gzip","beneath":{"effect":"status"}}""", "status", "Missing")]
    [InlineData("""{"effect":"gzip","beneath":{"effect":"hng"}}""", "beneath.effect", "hangMidBody")]
    [InlineData("""{"effect":"gzip","beneath":{"effect":"html","times":1}}""", "times", "effect")]
    [InlineData("""{"effect":"gzip","beneath":{"effect":"html","operation":"mint"}}""", "operation", "effect")]
    [InlineData("""{"effect":"html","operation":"socket","beneath":{"effect":"gzip"}}""", "effect", "status, delay, hang, reset, html, empty")]
    [InlineData("""{"effect":"hang","times":0}""", "times", "1")]
    [InlineData("""{"effect":"delay"}""", "delayMs", "Missing")]
    [InlineData("""{"effect":"delay","delayMs":-1}""", "delayMs", "0")]
    [InlineData("""{"effect":"late"}""", "delayMs", "Missing")]
    [InlineData("""{"effect":"gzip","operation":"sideband"}""", "effect", "status, delay, hang, reset, html, empty")]
    [InlineData("""{"effect":"late","operation":"sideband","delayMs":1}""", "effect", "status, delay, hang, reset, html, empty")]
    [InlineData("""{"effect":"cutJson","operation":"hangup"}""", "effect", "status, delay, late, hang, reset, html, empty, garbage, oversized, created")]
    [InlineData("""{"effect":"status"}""", "status", "Missing")]
    [InlineData("""{"effect":"status","status":418}""", "status", "400, 401")]
    [InlineData("""{"effect":"status","status":401,"variant":"nobody"}""", "variant", "key, token, role")]
    [InlineData("""{"effect":"status","status":500,"location":"/"}""", "location", "redirect")]
    [InlineData("""{"effect":"status","status":429,"retryAfter":1,"retryAfterDate":"2030-01-31T12:00:00Z"}""", "retryAfterDate", "retryAfter")]
    [InlineData("""{"effect":"status","status":429,"retryAfterDate":"tomorrow"}""", "retryAfterDate", "2030")]
    public async Task A_fault_that_makes_no_sense_is_refused_with_what_would(string body, string param, string hint)
    {
        await using var azure = await SimulatedAzure.StartAsync();
        var response = await azure.ControlAsync(HttpMethod.Post, "/faults", body);
        var error = (await SimulatedAzure.JsonOfAsync(response))["error"]!;

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(param, error["param"]!.GetValue<string>());
        Assert.Contains(hint, error["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Empty(azure.Faults.Active);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("hang")]
    public async Task A_fault_that_is_no_JSON_object_is_refused(string body)
    {
        await using var azure = await SimulatedAzure.StartAsync();

        Assert.Equal(HttpStatusCode.BadRequest, (await azure.ControlAsync(HttpMethod.Post, "/faults", body)).StatusCode);
    }

    [Fact]
    public async Task A_fault_spoils_what_another_beneath_it_has_left()
    {
        await using var azure = await SimulatedAzure.StartAsync(time: TimeProvider.System);
        var created = await azure.ControlAsync(
            HttpMethod.Post, "/faults", """{"operation":"mint","times":1,"effect":"gzip","beneath":{"effect":"created","beneath":{"effect":"delay","delayMs":1}}}""");
        Assert.Equal(
            """{"id":1,"effect":"gzip","operation":"mint","times":1,"remaining":1,"beneath":{"effect":"created","beneath":{"effect":"delay","delayMs":1}}}""",
            (await SimulatedAzure.JsonOfAsync(created)).ToJsonString());

        using var response = await azure.MintAsync();

        Assert.Equal((HttpStatusCode.Created, "gzip"), (response.StatusCode, Assert.Single(response.Content.Headers.ContentEncoding)));
        await using var unzipped = new GZipStream(await response.Content.ReadAsStreamAsync(), CompressionMode.Decompress);
        Assert.NotNull((await JsonNode.ParseAsync(unzipped))!["value"]);
    }

    [Fact]
    public async Task Code_is_held_to_the_same_rules()
    {
        await using var azure = await SimulatedAzure.StartAsync();

        Assert.Throws<ArgumentException>(() => azure.Faults.Inject(new() { Effect = FaultEffect.Status }));
        Assert.Throws<ArgumentException>(() => azure.Faults.Inject(new() { Effect = FaultEffect.Hang, DelayMs = 1 }));
        Assert.Throws<ArgumentException>(() => azure.Faults.Inject(new() { Effect = FaultEffect.Hang, Times = 0 }));
    }

    [Theory]
    [InlineData("127.0.0.1", "/simulator/faults", true)]
    [InlineData("::1", "/simulator", true)]
    [InlineData("::ffff:127.0.0.1", "/Simulator/requests", true)]
    [InlineData("10.0.0.1", "/simulator/faults", false)]
    [InlineData("127.0.0.1", "/simulators", false)]
    public void Control_is_for_loopback_callers(string address, string path, bool expected)
    {
        var http = new DefaultHttpContext { Request = { Path = path }, Connection = { RemoteIpAddress = IPAddress.Parse(address) } };

        Assert.Equal(expected, ControlEndpoints.Owns(http));
    }

    [Fact]
    public async Task The_list_names_every_effect_and_its_parameters()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        var effects = (await SimulatedAzure.JsonOfAsync(await azure.ControlAsync(HttpMethod.Get, "/faults")))["effects"]!.AsObject();

        Assert.Equal(FaultEffect.All.Select(effect => effect.Name), effects.Select(member => member.Key));
        Assert.Equal("""["delayMs"]""", effects["delay"]!.ToJsonString());
    }

    private static async Task<JsonArray> ListAsync(SimulatedAzure azure) =>
        (await SimulatedAzure.JsonOfAsync(await azure.ControlAsync(HttpMethod.Get, "/faults")))["faults"]!.AsArray();

    private static async Task<bool> TimesOutAsync(Task<HttpResponseMessage> request) =>
        (await request).StatusCode == HttpStatusCode.RequestTimeout;
}
