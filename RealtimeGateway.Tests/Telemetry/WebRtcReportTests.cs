using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Telemetry;

/// <summary>What pages report about their calls, and what strangers could make of that.</summary>
[Collection(nameof(Alone))]
public sealed class WebRtcReportTests : IAsyncDisposable
{
    private const string Path = "/telemetry/webrtc";
    private const string Whole = """
        {"profile":"assistant","way":"token","round_trip":0.042,"jitter":0.004,"loss":0.015,"bitrate_received":31000,"bitrate_sent":28000,"time_to_first_audio":1.2,"outcome":"connected"}
        """;

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly CallersKey _plain = CallersKey.New();
    private readonly CallersKey _vip = CallersKey.New();
    private Gateway? _gateway;

    [Fact]
    public async Task A_report_becomes_exactly_these_series()
    {
        await ShouldBeTakenAsync(Whole);
        await ShouldBeTakenAsync("""{"profile":"ASSISTANT","way":"relay","outcome":"failed"}""");

        await Open().ShowsAsync("""realtime_gateway_webrtc_connections_total{outcome="failed",profile="assistant",way="relay"} 1""");
        var figures = (await Open().ScrapeAsync()).Where(line => line.StartsWith("realtime_gateway_webrtc_", StringComparison.Ordinal) && !line.Contains("_bucket{", StringComparison.Ordinal));
        Assert.Equal(
            [
                """realtime_gateway_webrtc_bitrate_bit_per_second_count{direction="received",profile="assistant",way="token"} 1""",
                """realtime_gateway_webrtc_bitrate_bit_per_second_count{direction="sent",profile="assistant",way="token"} 1""",
                """realtime_gateway_webrtc_bitrate_bit_per_second_sum{direction="received",profile="assistant",way="token"} 31000""",
                """realtime_gateway_webrtc_bitrate_bit_per_second_sum{direction="sent",profile="assistant",way="token"} 28000""",
                """realtime_gateway_webrtc_connections_total{outcome="connected",profile="assistant",way="token"} 1""",
                """realtime_gateway_webrtc_connections_total{outcome="failed",profile="assistant",way="relay"} 1""",
                """realtime_gateway_webrtc_jitter_seconds_count{profile="assistant",way="token"} 1""",
                """realtime_gateway_webrtc_jitter_seconds_sum{profile="assistant",way="token"} 0.004""",
                """realtime_gateway_webrtc_loss_count{profile="assistant",way="token"} 1""",
                """realtime_gateway_webrtc_loss_sum{profile="assistant",way="token"} 0.015""",
                """realtime_gateway_webrtc_round_trip_seconds_count{profile="assistant",way="token"} 1""",
                """realtime_gateway_webrtc_round_trip_seconds_sum{profile="assistant",way="token"} 0.042""",
                """realtime_gateway_webrtc_time_to_first_audio_seconds_count{profile="assistant",way="token"} 1""",
                """realtime_gateway_webrtc_time_to_first_audio_seconds_sum{profile="assistant",way="token"} 1.2""",
            ],
            figures.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("round_trip_seconds", 0.15, 0.16)]
    [InlineData("jitter_seconds", 0.03, 0.031)]
    [InlineData("loss", 0, 0.001)]
    public async Task Buckets_tell_good_from_bad(string figure, double inside, double outside)
    {
        var member = figure.Replace("_seconds", "", StringComparison.Ordinal);
        await ShouldBeTakenAsync(Report($"\"{member}\":{Text(inside)}"));
        await ShouldBeTakenAsync(Report($"\"{member}\":{Text(outside)}"));

        await Open().ShowsAsync($$"""realtime_gateway_webrtc_{{figure}}_bucket{profile="assistant",way="token",le="{{Text(inside)}}"} 1""");
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("{")]
    [InlineData("""{"profile":"assistant","way":"token","way":"token"}""")]
    [InlineData("""{"profile":"assistant","way":"token","round_trip":NaN}""")]
    [InlineData("""{"profile":"assistant","way":"token","round_trip":1} {}""")]
    [InlineData("""{"profile":"\ud800","way":"token"}""")]
    [InlineData("""{"profile":"assistant","way":"token","\ud800":1}""")]
    public async Task What_is_no_JSON_object_with_each_member_once_is_refused(string body) =>
        await ShouldBeRefusedAsync(body, 400, "invalid_json");

    [Theory]
    [InlineData("\"caller\":\"me\"", "caller")]
    [InlineData("\"Round_trip\":0.1", "Round_trip")]
    [InlineData("\"packets\":{\"lost\":1}", "packets")]
    public async Task A_member_that_a_report_does_not_have_is_refused_by_name(string member, string param) =>
        await ShouldBeRefusedAsync(Report(member), 400, "field_not_allowed", param);

    [Theory]
    [InlineData("""{"way":"token"}""", "profile")]
    [InlineData("""{"profile":7,"way":"token"}""", "profile")]
    [InlineData("""{"profile":null,"way":"token"}""", "profile")]
    [InlineData("""{"profile":"assistant"}""", "way")]
    [InlineData("""{"profile":"assistant","way":"socket"}""", "way")]
    [InlineData("""{"profile":"assistant","way":"Token"}""", "way")]
    [InlineData("""{"profile":"assistant","way":["token"]}""", "way")]
    [InlineData("""{"profile":"assistant","way":"token","outcome":"great"}""", "outcome")]
    [InlineData("""{"profile":"assistant","way":"token","outcome":null}""", "outcome")]
    [InlineData("""{"profile":"assistant","way":"token","round_trip":-0.001}""", "round_trip")]
    [InlineData("""{"profile":"assistant","way":"token","round_trip":60.1}""", "round_trip")]
    [InlineData("""{"profile":"assistant","way":"token","round_trip":1e999}""", "round_trip")]
    [InlineData("""{"profile":"assistant","way":"token","round_trip":"0.1"}""", "round_trip")]
    [InlineData("""{"profile":"assistant","way":"token","round_trip":null}""", "round_trip")]
    [InlineData("""{"profile":"assistant","way":"token","jitter":61}""", "jitter")]
    [InlineData("""{"profile":"assistant","way":"token","loss":1.01}""", "loss")]
    [InlineData("""{"profile":"assistant","way":"token","bitrate_received":10000001}""", "bitrate_received")]
    [InlineData("""{"profile":"assistant","way":"token","bitrate_sent":-1}""", "bitrate_sent")]
    [InlineData("""{"profile":"assistant","way":"token","time_to_first_audio":3601}""", "time_to_first_audio")]
    public async Task A_value_that_is_missing_of_the_wrong_kind_or_out_of_bounds_is_refused_by_name(string body, string param) =>
        await ShouldBeRefusedAsync(body, 400, "invalid_value", param);

    [Fact]
    public async Task Of_a_report_that_is_refused_nothing_is_counted()
    {
        await ShouldBeRefusedAsync(Whole.Replace("connected", "great", StringComparison.Ordinal), 400, "invalid_value", "outcome");
        await ShouldBeTakenAsync("""{"profile":"assistant","way":"relay","outcome":"cancelled"}""");

        await Open().ShowsAsync("""realtime_gateway_webrtc_connections_total{outcome="cancelled",profile="assistant",way="relay"} 1""");
        Assert.DoesNotContain(await Open().ScrapeAsync(), line => line.StartsWith("realtime_gateway_webrtc_", StringComparison.Ordinal) && line.Contains("way=\"token\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_report_is_json_of_two_kibibytes_at_most()
    {
        await ShouldBeTakenAsync(Whole.Trim().PadRight(2048));
        await ShouldBeRefusedAsync(Whole.Trim().PadRight(2049), 413, "request_too_large");
        using var text = await SendAsync(Whole, type: "text/plain");
        await text.ShouldFailAsync(415, "unsupported_media_type");
        using var chunked = await SendAsync(Whole.PadRight(100_000), isChunked: true);
        await chunked.ShouldFailAsync(413, "request_too_large");
    }

    [Fact]
    public async Task A_caller_reports_about_profiles_of_its_own_and_learns_of_no_other()
    {
        OpenClosed();

        using var foreign = await SendAsync(Report("\"outcome\":\"lost\"", profile: "gold"), key: _plain.Key);
        using var missing = await SendAsync(Report("\"outcome\":\"lost\"", profile: "none"), key: _plain.Key);
        using var own = await SendAsync(Report("\"outcome\":\"lost\"", profile: "gold"), key: _vip.Key);
        using var stranger = await SendAsync(Whole);
        using var impostor = await SendAsync(Whole, key: "wrong");

        await foreign.ShouldFailAsync(403, "forbidden", "profile");
        await missing.ShouldFailAsync(403, "forbidden", "profile");
        Assert.Equal(HttpStatusCode.NoContent, own.StatusCode);
        await stranger.ShouldFailAsync(401, "unauthorized");
        await impostor.ShouldFailAsync(401, "unauthorized");
        await Open().ShowsAsync("""realtime_gateway_webrtc_connections_total{outcome="lost",profile="gold",way="token"} 1""");
    }

    [Fact]
    public async Task A_page_elsewhere_reports_nothing_unless_it_is_listed()
    {
        _gateway = Gateway.StartWith("http://127.0.0.1:9", new Dictionary<string, string?> { ["Cors:default:Origins:0"] = "https://app.example" });

        using var foreign = await SendAsync(Whole, origin: "https://evil.example");
        using var listed = await SendAsync(Whole, origin: "https://app.example");

        await foreign.ShouldFailAsync(403, "forbidden");
        Assert.Equal(HttpStatusCode.NoContent, listed.StatusCode);
        Assert.Equal("https://app.example", Assert.Single(listed.Headers.GetValues("Access-Control-Allow-Origin")));
    }

    [Theory]
    [InlineData(true, 3)]
    [InlineData(false, 300)] // without the entry the shipped values hold
    public async Task A_caller_has_so_many_reports_a_minute(bool isNamed, int permits)
    {
        _gateway = Start(isNamed ? $$"""{ "Permits": {{permits}} }""" : null, services => services.AddSingleton<TimeProvider>(_time));
        for (var i = 0; i < permits; i++)
            await ShouldBeTakenAsync(Whole);

        using var refused = await SendAsync(Whole);

        await refused.ShouldFailAsync(429, "rate_limit_exceeded");
        Assert.Equal(TimeSpan.FromSeconds(isNamed ? 60 : 1), refused.Headers.RetryAfter?.Delta); // a window begins anew, a bucket fills evenly
        _time.Advance(TimeSpan.FromMinutes(1));
        await ShouldBeTakenAsync(Whole);
    }

    [Fact]
    public async Task A_changed_rule_counts_at_once()
    {
        _gateway = Start("""{ "Permits": 1, "Window": "1.00:00:00" }""");
        await ShouldBeTakenAsync(Whole);
        using var refused = await SendAsync(Whole);

        await _gateway.ReloadAsync(settings => settings.Set("Limits:webrtcreports:Permits", "2"));

        await refused.ShouldFailAsync(429, "rate_limit_exceeded");
        await ShouldBeTakenAsync(Whole);
    }

    [Fact]
    public void The_shipped_rule_is_the_one_that_holds_without_it() => Assert.Equal(
        JsonNode.Parse("""{ "Kind": "token_bucket", "Permits": 300, "Window": "00:01:00", "By": "caller" }""")!.ToJsonString(),
        JsonNode.Parse(File.ReadAllText(System.IO.Path.Combine(Repository.Root, "appsettings.json")))!["Limits"]!["webrtcreports"]!.ToJsonString());

    [Theory]
    [InlineData("""{ "Kind": "concurrency" }""")]
    [InlineData("""{ "By": "profile" }""")]
    public void A_rule_that_reports_cannot_be_counted_by_is_refused(string rule) => Assert.Contains(
        "Limits:webrtcreports: must count requests, and not by profile",
        Gateway.RefusalToStart(new Dictionary<string, string?>(), settings => settings.Set("Limits:webrtcreports", rule)),
        StringComparison.Ordinal);

    [Fact]
    public async Task Thousands_of_hostile_reports_leave_not_one_series_more()
    {
        OpenClosed();
        // One of each kind of answer, so that every series that there can be is there.
        foreach (var body in new[] { Whole, Report("\"outcome\":\"lost\""), "{", Report("\"x\":1"), Report("\"loss\":2"), Report("\"loss\":0", profile: "none"), new string(' ', 3000) })
        {
            using var _ = await SendAsync(body, key: _plain.Key);
        }

        using var impostor = await SendAsync(Whole, key: "wrong");
        using var text = await SendAsync(Whole, key: _plain.Key, type: "text/plain");
        await Open().ShowsAsync("""realtime_gateway_webrtc_connections_total{outcome="lost",profile="assistant",way="token"} 1""");
        await Open().ShowsAsync("""realtime_gateway_rejections_total{reason="caller_unsupported_media_type"} 1""");
        await Eventually.ShouldAsync(async () => (await Open().ScrapeAsync()).Any(line => line.StartsWith("http_server_request_duration", StringComparison.Ordinal) && line.Contains("/metrics", StringComparison.Ordinal)));
        var before = SeriesOf(await Open().ScrapeAsync());

        var unknown = Enumerable.Range(0, 3000).Count(i => i % 6 == 0 && i % 50 != 0 && i % 70 != 0);
        for (var i = 0; i < 3000; i++)
        {
            using var _ = await SendAsync(Hostile(i), key: i % 50 == 0 ? $"wrong{i}" : _plain.Key, type: i % 70 == 0 ? $"text/x{i}" : "application/json");
        }

        await Open().ShowsAsync($$"""realtime_gateway_rejections_total{reason="policy_field_not_allowed"} {{unknown + 1}}""");
        var after = await Open().ScrapeAsync();
        Assert.Equal(before, SeriesOf(after));
        Assert.DoesNotContain(after, line => line.Contains("evil", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_description_tells_what_a_report_is()
    {
        var description = JsonNode.Parse(await Open().Http.GetStringAsync("/openapi/v1.json", TestContext.Current.CancellationToken))!;

        var operation = description["paths"]![Path]!["post"]!;
        var report = operation["requestBody"]!["content"]!["application/json"]!["schema"]!;
        Assert.Equal(["204", "default"], operation["responses"]!.AsObject().Select(response => response.Key));
        Assert.Equal(
            ["bitrate_received", "bitrate_sent", "jitter", "loss", "outcome", "profile", "round_trip", "time_to_first_audio", "way"],
            report["properties"]!.AsObject().Select(member => member.Key).Order(StringComparer.Ordinal));
        Assert.False((bool)report["additionalProperties"]!);
        Assert.Equal(1, (int)report["properties"]!["loss"]!["maximum"]!);
        Assert.Equal("""["connected","lost","failed","cancelled"]""", report["properties"]!["outcome"]!["enum"]!.ToJsonString());
        Assert.DoesNotContain("assistant", report.ToJsonString(), StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null)
            await _gateway.DisposeAsync();
    }

    private Gateway Open() => _gateway ??= Gateway.StartWith("http://127.0.0.1:9");

    /// <summary>A gateway with the shipped limits, but for the one of reports.</summary>
    private static Gateway Start(string? rule, Action<IServiceCollection>? services = null) => Gateway.Start(
        new Dictionary<string, string?>
        {
            ["AZURE_OPENAI_ENDPOINT"] = "http://127.0.0.1:9",
            ["AZURE_OPENAI_API_KEY"] = Gateway.Key,
            ["AZURE_OPENAI_DEPLOYMENT"] = Gateway.Deployment,
        },
        settings =>
        {
            settings["Limits"]!.AsObject().Remove("webrtcreports");
            if (rule is not null)
                settings.Set("Limits:webrtcreports", rule);
        },
        services: services);

    /// <summary>A gateway that wants to know its callers, with a profile for one of them.</summary>
    private void OpenClosed() => _gateway = Gateway.StartWith("http://127.0.0.1:9", new Dictionary<string, string?>
    {
        ["Callers:Keys:plain:Hash"] = _plain.Hash,
        ["Callers:Keys:vip:Hash"] = _vip.Hash,
        ["Realtime:Profiles:gold:Models:0"] = "gpt-realtime",
        ["Realtime:Profiles:gold:Voices:0"] = "cedar",
        ["Realtime:Profiles:gold:AllowedFor:0"] = "key:vip",
    });

    private static string Report(string member, string profile = "assistant") => $$"""{"profile":"{{profile}}","way":"token",{{member}}}""";

    private static string Text(double number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Something else each time, wherever a report has room for it.</summary>
    private static string Hostile(int i) => (i % 6) switch
    {
        0 => Report($"\"evil{i}\":{i}"),
        1 => Report("\"loss\":0", profile: $"evil{i}"),
        2 => $$"""{"profile":"assistant","way":"evil{{i}}"}""",
        3 => Report($"\"outcome\":\"evil{i}\\\"}} 1\\nevil_total{{x=\\\"\""),
        4 => Report($"\"round_trip\":1e{i}"),
        _ => $"evil{i} {new string('x', i)}",
    };

    // Names and labels, without the values. What the runtime, the server's connections and this test's own client tell comes and goes by itself.
    private static string[] SeriesOf(string[] metrics) =>
    [
        .. metrics
            .Where(line => line.Contains('{', StringComparison.Ordinal) && !Array.Exists(["dotnet_", "kestrel_", "http_client_"], line.StartsWith))
            .Select(line => line[..line.LastIndexOf(' ')])
            .Order(StringComparer.Ordinal),
    ];

    private async Task ShouldBeTakenAsync(string body)
    {
        using var response = await SendAsync(body);
        Assert.Equal((HttpStatusCode.NoContent, ""), (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
    }

    private async Task ShouldBeRefusedAsync(string body, int status, string code, string? param = null)
    {
        using var response = await SendAsync(body);
        await response.ShouldFailAsync(status, code, param);
    }

    private async Task<HttpResponseMessage> SendAsync(string body, string? key = null, string? origin = null, string type = "application/json", bool isChunked = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue(type)) };
        request.Headers.TransferEncodingChunked = isChunked;
        if (key is not null)
            request.Headers.Add("api-key", key);
        if (origin is not null)
            request.Headers.Add("Origin", origin);
        return await Open().Http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
