using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace RealtimeGateway.Tests.Simulator;

/// <summary>An SDP exchange as a form, with a standing credential and the session in it.</summary>
public class CallFormTests
{
    private const string Session = """{"type":"realtime","model":"gpt-realtime-mini","instructions":"be brief"}""";

    [Theory]
    [InlineData("api-key", SimulatedAzure.Key, false)]
    [InlineData("Authorization", "Bearer " + SimulatedAzure.Key, true)]
    [InlineData("Authorization", "Bearer " + SimulatedAzure.Token, false)]
    public async Task It_opens_a_call_with_its_session_whether_the_parts_have_file_names_or_not(string header, string value, bool asFiles)
    {
        await using var azure = await StartAsync();

        using var response = await PostAsync(azure, [("sdp", SimulatedAzure.Offer), ("session", Session)], header, value, asFiles);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal("application/sdp", response.Content.Headers.ContentType?.ToString());
        Assert.StartsWith("/v1/realtime/calls/rtc_", response.Headers.Location!.OriginalString, StringComparison.Ordinal);
        var call = Assert.Single(await azure.CallsAsync());
        Assert.Equal(("gpt-realtime-mini", (int?)null), ((string?)call["deployment"], (int?)call["secretUse"]));
        using var sideband = await SocketClient.ConnectAsync(azure, $"/openai/v1/realtime?call_id={(string?)call["id"]}", "api-key", SimulatedAzure.Key);
        Assert.Equal("be brief", (string?)(await SocketClient.NextAsync(sideband))["session"]!["instructions"]);
        await SocketClient.CloseAsync(sideband);
    }

    [Theory]
    [InlineData("""[["session","{\"type\":\"realtime\",\"model\":\"gpt-realtime\"}"]]""", "missing_required_parameter", "sdp")]
    [InlineData("""[["sdp","OFFER"]]""", "missing_required_parameter", "session")]
    [InlineData("""[["sdp","OFFER"],["session","{\"type\":\"realtime\",\"model\":\"gpt-realtime\"}"],["model","gpt-realtime"]]""", "unknown_parameter", "model")]
    [InlineData("""[["sdp","OFFER"],["sdp","OFFER"],["session","{\"type\":\"realtime\",\"model\":\"gpt-realtime\"}"]]""", "invalid_value", "sdp")]
    [InlineData("""[["sdp","OFFER"],["session","nonsense"]]""", "invalid_value", "session")]
    [InlineData("""[["sdp","OFFER"],["session","[]"]]""", "invalid_value", "session")]
    [InlineData("""[["sdp","OFFER"],["session","null"]]""", "invalid_value", "session")]
    [InlineData("""[["sdp","OFFER"],["session","{\"type\":\"realtime\",\"type\":\"realtime\",\"model\":\"gpt-realtime\"}"]]""", "invalid_value", "session")]
    [InlineData("""[["sdp","OFFER"],["session","{\"type\":\"realtime\"}"]]""", "missing_required_parameter", "session.model")]
    [InlineData("""[["sdp","OFFER"],["session","{\"type\":\"realtime\",\"model\":\"gpt-realtime\",\"voice\":\"alloy\"}"]]""", "unknown_parameter", "session.voice")]
    [InlineData("""[["sdp","hello"],["session","{\"type\":\"realtime\",\"model\":\"gpt-realtime\"}"]]""", "invalid_offer", null)]
    public async Task It_is_as_closed_as_a_mint(string parts, string code, string? param)
    {
        await using var azure = await StartAsync();
        var sent = JsonNode.Parse(parts)!.AsArray().Select(part => ((string)part![0]!, ((string)part[1]!).Replace("OFFER", SimulatedAzure.Offer, StringComparison.Ordinal)));

        using var response = await PostAsync(azure, [.. sent]);
        var error = (await SimulatedAzure.JsonOfAsync(response))["error"]!;

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal((code, param), ((string?)error["code"], (string?)error["param"]));
        Assert.Empty(await azure.CallsAsync());
    }

    [Theory]
    [InlineData("multipart/form-data")]
    [InlineData("multipart/form-data; boundary=other")]
    public async Task A_body_that_is_no_form_is_refused(string contentType)
    {
        await using var azure = await StartAsync();
        using var response = await azure.SendAsync(SimulatedAzure.Post(SimulatedAzure.Calls, SimulatedAzure.Offer, SimulatedAzure.Key, contentType));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("invalid_form", (string?)(await SimulatedAzure.JsonOfAsync(response))["error"]!["code"]);
    }

    [Fact]
    public async Task An_unknown_deployment_is_not_found()
    {
        await using var azure = await StartAsync();
        using var response = await PostAsync(azure, [("sdp", SimulatedAzure.Offer), ("session", """{"type":"realtime","model":"unknown"}""")]);

        Assert.Equal("DeploymentNotFound", (string?)(await SimulatedAzure.JsonOfAsync(response))["error"]!["code"]);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("api-key", "wrong")]
    [InlineData("Authorization", "Bearer ek_unknown")]
    public async Task Without_a_standing_credential_it_is_refused(string? header, string? value)
    {
        await using var azure = await StartAsync();
        using var response = await PostAsync(azure, [("sdp", SimulatedAzure.Offer), ("session", Session)], header, value);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task A_secret_does_not_open_another_session_than_its_own()
    {
        await using var azure = await StartAsync();
        var secret = await azure.MintSecretAsync();
        using var response = await PostAsync(azure, [("sdp", SimulatedAzure.Offer), ("session", Session)], "Authorization", "Bearer " + secret);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task The_preview_surface_does_not_take_it()
    {
        await using var azure = await StartAsync();
        using var response = await PostAsync(azure, [("sdp", SimulatedAzure.Offer), ("session", Session)], path: "/v1/realtimertc?model=gpt-realtime");

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    private static Task<SimulatedAzure> StartAsync() => SimulatedAzure.StartAsync(new() { CannedAnswers = true });

    private static Task<HttpResponseMessage> PostAsync(
        SimulatedAzure azure, IEnumerable<(string Name, string Text)> parts, string? header = "api-key", string? value = SimulatedAzure.Key,
        bool asFiles = false, string path = SimulatedAzure.Calls)
    {
        var form = new MultipartFormDataContent();
        foreach (var (name, text) in parts)
        {
            var part = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
            part.Headers.ContentType = new(name == "sdp" ? "application/sdp" : "application/json");
            if (asFiles) form.Add(part, name, name + ".txt");
            else form.Add(part, name);
        }

        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = form };
        if (header is not null) request.Headers.Add(header, value);
        return azure.SendAsync(request);
    }
}
