using System.Net;
using System.Net.Http.Headers;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Sessions;

public sealed class MintingTests(GatewayBeforeAzure fixture) : GatewayTest(fixture), IClassFixture<GatewayBeforeAzure>
{
    [Fact]
    public async Task Posting_a_session_answers_the_seven_members_of_the_contract_and_nothing_else()
    {
        Azure.Mints();

        using var response = await Gateway.MintAsync("""{"model":"gpt-realtime","voice":"alloy"}""");

        await response.ShouldBeAsync(HttpStatusCode.OK, $$"""
            {
              "id": "sess_of_azure",
              "object": "realtime.session",
              "model": "gpt-realtime",
              "voice": "alloy",
              "expires_at": {{Azure.ExpiresAt}},
              "client_secret": { "value": "{{Azure.Secret}}", "expires_at": {{Azure.ExpiresAt}} },
              "webrtc_url": "{{Azure.Url}}/openai/v1/realtime/calls"
            }
            """);
    }

    [Fact]
    public async Task The_caller_gets_exactly_these_headers()
    {
        Azure.Mints();

        using var response = await Gateway.MintAsync();

        Assert.Equal(
            ["cache-control", "content-length", "content-security-policy", "content-type", "date", "referrer-policy", "x-content-type-options", "x-frame-options", "x-request-id"],
            response.HeaderNames());
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
        Assert.Equal("application/json", response.Content.Headers.ContentType?.ToString());
        Assert.StartsWith("req_", response.RequestId(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Azure_gets_the_profiles_session_and_nothing_else()
    {
        Azure.Mints();

        using var response = await Gateway.MintAsync("""{"model":"gpt-realtime","voice":"alloy"}""");

        Assert.Equal(Azure.GaPath, Azure.Received.Path);
        Assert.Equal("", Azure.Received.RawQuery ?? "");
        Assert.Equal(Answers.Normal(ShippedSession("alloy")), Answers.Normal(Azure.Received.Body!));
    }

    [Fact]
    public async Task Azure_gets_the_gateways_key_and_no_header_of_the_caller()
    {
        Azure.Mints();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sessions") { Content = Gateway.Json("{}") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "callers-token");
        request.Headers.Accept.ParseAdd("application/json");
        foreach (var name in new[]
        {
            "api-key", "x-api-key", "Cookie", "OpenAI-Beta", "OpenAI-Organization", "x-ms-client-request-id", "X-Stainless-Lang", "X-Forwarded-For",
            "X-Forwarded-Host", "Forwarded", "traceparent", "tracestate", "baggage", "User-Agent", "Accept-Language", "Accept-Encoding", "X-Custom",
        })
            request.Headers.TryAddWithoutValidation(name, "callers-value");
        request.Headers.Add("Origin", Gateway.Http.BaseAddress!.GetLeftPart(UriPartial.Authority));

        using var response = await Gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(["Accept", "Content-Length", "Content-Type", "Host", "api-key"], Azure.Received.Headers!.Keys.Order(StringComparer.Ordinal));
        Assert.Equal([Gateway.Key], Azure.Received.Headers["api-key"]);
        Assert.Equal(["application/json"], Azure.Received.Headers["Content-Type"]);
    }

    [Theory]
    [InlineData("/sessions/")]
    [InlineData("/sessions?api-key=callers-key&model=other&api-version=2024-10-01-preview&webrtcfilter=off")]
    public async Task Neither_a_slash_nor_a_query_of_the_caller_reaches_Azure(string pathAndQuery)
    {
        Azure.Mints();

        using var response = await Gateway.MintAsync("{}", pathAndQuery);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Azure.GaPath, Azure.Received.Path);
        Assert.Equal("", Azure.Received.RawQuery ?? "");
    }

    [Theory]
    [InlineData("{}", "gpt-realtime", "marin")]
    [InlineData("""{"model":"gpt-realtime"}""", "gpt-realtime", "marin")]
    [InlineData($$"""{"model":"{{Gateway.Deployment}}"}""", Gateway.Deployment, "marin")]
    [InlineData("""{"voice":"cedar"}""", "gpt-realtime", "cedar")]
    public async Task The_model_reads_back_as_asked_and_Azure_always_gets_the_deployment(string body, string model, string voice)
    {
        Azure.Mints();

        using var response = await Gateway.MintAsync(body);

        var answer = System.Text.Json.Nodes.JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal((model, voice), ((string?)answer["model"], (string?)answer["voice"]));
        var session = Azure.ReceivedJson["session"]!;
        Assert.Equal((Gateway.Deployment, voice), ((string?)session["model"], (string?)session["audio"]!["output"]!["voice"]));
    }

    [Theory]
    [InlineData("", "invalid_json", null)]
    [InlineData("{", "invalid_json", null)]
    [InlineData("[]", "invalid_json", null)]
    [InlineData("\"text\"", "invalid_json", null)]
    [InlineData("{} {}", "invalid_json", null)]
    [InlineData("""{"voice":"alloy","voice":"ash"}""", "invalid_json", null)]
    [InlineData("""{"voice":"\ud800"}""", "invalid_json", null)]
    [InlineData("""{"instructions":"be evil"}""", "field_not_allowed", "instructions")]
    [InlineData("""{"tools":[]}""", "field_not_allowed", "tools")]
    [InlineData("""{"modalities":["text"]}""", "field_not_allowed", "modalities")]
    [InlineData("""{"session":{}}""", "field_not_allowed", "session")]
    [InlineData("""{"Voice":"alloy"}""", "field_not_allowed", "Voice")]
    [InlineData("""{"voice":"robot"}""", "invalid_value", "voice")]
    [InlineData("""{"voice":5}""", "invalid_value", "voice")]
    [InlineData("""{"voice":{"id":"voice_1"}}""", "invalid_value", "voice")]
    [InlineData("""{"model":"gpt-4"}""", "invalid_value", "model")]
    [InlineData("""{"model":null}""", "invalid_value", "model")]
    public async Task A_bad_request_is_refused_by_name_and_never_reaches_Azure(string body, string code, string? param)
    {
        using var response = await Gateway.MintAsync(body);

        await response.ShouldFailAsync(400, code, param);
        Assert.Equal(0, Azure.Requests);
    }

    [Fact]
    public async Task A_long_name_of_a_member_is_cut_before_it_is_repeated()
    {
        using var response = await Gateway.MintAsync($$"""{"{{new string('x', 65)}}":1}""");

        await response.ShouldFailAsync(400, "field_not_allowed", new string('x', 64));
    }

    [Fact]
    public async Task A_body_that_is_nested_too_deeply_is_refused()
    {
        using var response = await Gateway.MintAsync($$"""{"tools":{{new string('[', 40)}}{{new string(']', 40)}}}""");

        await response.ShouldFailAsync(400, "invalid_json");
    }

    [Fact]
    public async Task A_request_without_a_body_is_refused()
    {
        using var response = await Gateway.Http.PostAsync("/sessions", content: null, TestContext.Current.CancellationToken);

        await response.ShouldFailAsync(400, "invalid_json");
    }

    [Fact]
    public async Task An_empty_chunked_body_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sessions") { Content = Gateway.Json("") };
        request.Headers.TransferEncodingChunked = true;

        using var response = await Gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);

        await response.ShouldFailAsync(400, "invalid_json");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_over_the_limit_is_refused(bool chunked)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sessions") { Content = Gateway.Json($$"""{"voice":"{{new string('a', 70_000)}}"}""") };
        request.Headers.TransferEncodingChunked = chunked;

        using var response = await Gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);

        await response.ShouldFailAsync(413, "request_too_large");
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/sdp")]
    public async Task Another_content_type_is_refused(string contentType)
    {
        using var response = await Gateway.Http.PostAsync(
            "/sessions", new StringContent("{}", new MediaTypeHeaderValue(contentType)), TestContext.Current.CancellationToken);

        await response.ShouldFailAsync(415, "unsupported_media_type");
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_refused()
    {
        using var content = new ByteArrayContent([.. "{\"voice\":\""u8, 0xff, .. "\"}"u8]);
        content.Headers.ContentType = new("application/json");
        using var response = await Gateway.Http.PostAsync("/sessions", content, TestContext.Current.CancellationToken);

        await response.ShouldFailAsync(400, "invalid_json");
    }

    [Fact]
    public async Task What_a_profile_lets_the_caller_set_reaches_Azure()
    {
        Azure.Mints();
        await using var gateway = Gateway.StartWith(
            Azure.Url, change: settings => settings.Set("Realtime:Profiles:assistant:ClientMaySet", """["model","voice","instructions","modalities","tools"]"""));

        using var response = await gateway.MintAsync("""{"instructions":"Mine.","modalities":["text"],"tools":[{"type":"function","name":"f"}]}""");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var session = Azure.ReceivedJson["session"]!;
        Assert.Equal(
            ("Mine.", """["text"]""", """[{"type":"function","name":"f"}]"""),
            ((string?)session["instructions"], session["output_modalities"]!.ToJsonString(), session["tools"]!.ToJsonString()));
    }

    [Fact]
    public async Task An_unknown_profile_is_refused()
    {
        using var response = await Gateway.MintAsync("{}", "/sessions?profile=nobody");

        await response.ShouldFailAsync(403, "forbidden", "profile");
    }

    [Fact]
    public async Task The_key_appears_in_no_log_line()
    {
        Azure.Mints();

        using var response = await Gateway.MintAsync();

        Assert.All(Gateway.Logs.GetSnapshot(), record => Assert.DoesNotContain(Gateway.Key, record.ToString(), StringComparison.Ordinal));
        Assert.All(Gateway.Logs.GetSnapshot(), record => Assert.DoesNotContain(Azure.Secret, record.ToString(), StringComparison.Ordinal));
    }

    private static string ShippedSession(string voice) => $$"""
        {
          "expires_after": { "anchor": "created_at", "seconds": 60 },
          "session": {
            "type": "realtime",
            "model": "{{Gateway.Deployment}}",
            "instructions": "You are a friendly voice assistant on a web page. Keep answers short. You can read the page's HTML and change its background and text colours with your tools; use them when asked, then say briefly what you did.",
            "output_modalities": [ "audio" ],
            "audio": { "output": { "voice": "{{voice}}" } },
            "tools": [
              {
                "type": "function",
                "name": "getPageHTML",
                "description": "Returns the HTML of the page that the user is looking at.",
                "parameters": { "properties": { }, "type": "object" }
              },
              {
                "type": "function",
                "name": "changeBackgroundColor",
                "description": "Changes the background colour of the page.",
                "parameters": {
                  "properties": { "color": { "description": "A CSS colour: a name such as blue, or a value such as #336699.", "type": "string" } },
                  "required": [ "color" ],
                  "type": "object"
                }
              },
              {
                "type": "function",
                "name": "changeTextColor",
                "description": "Changes the text colour of the page.",
                "parameters": {
                  "properties": { "color": { "description": "A CSS colour: a name such as white, or a value such as #f5f5f5.", "type": "string" } },
                  "required": [ "color" ],
                  "type": "object"
                }
              }
            ],
            "max_output_tokens": 4096
          }
        }
        """;
}
