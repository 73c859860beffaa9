using System.Diagnostics;
using RealtimeGateway.Tests.Infrastructure;
using RealtimeGateway.Tests.Telemetry;

namespace RealtimeGateway.Tests.Hell;

/// <summary>A service that keeps no rule of HTTP/2: an answer of the table in time, and the next request goes well.</summary>
[Collection(nameof(Alone))]
public sealed class Http2AbyssTests
{
    private const byte Continuation = 9, Ping = 6, EndStream = 1;
    private const string Unavailable = "502 upstream_unavailable", Unreadable = "502 upstream_invalid_response", TooSlow = "504 upstream_timeout", Ok = "200";

    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(8);

    private static readonly (string Name, Func<Http2Stream, Task> Torment, string[] Outcomes)[] Table =
    [
        ("silence", _ => Task.CompletedTask, [TooSlow]),
        ("goodbye", stream => GoAwayAsync(stream, last: 0, code: 0), [Unavailable, Ok]), // the client may send it again by itself
        ("goodbye after this one", stream => GoAwayAsync(stream, stream.Id, code: 11), [TooSlow, Unavailable]),
        ("refused", stream => ResetAsync(stream, code: 7), [Unavailable, Ok]),
        ("internal error", stream => ResetAsync(stream, code: 2), [Unavailable]),
        ("cancelled", stream => ResetAsync(stream, code: 8), [Unavailable]),
        ("calm", stream => ResetAsync(stream, code: 11), [Unavailable]),
        ("reset in the middle", async stream =>
        {
            await stream.SendAsync([.. Http2Abyss.Head(stream.Id), .. Http2Abyss.Frame(Http2Frame.Data, 0, stream.Id, "{\"value\":"u8.ToArray())]);
            await ResetAsync(stream, code: 2);
        }, [Unavailable, Unreadable]), // the end may be read before anybody has looked at the head
        ("half an answer", stream => stream.SendAsync([.. Http2Abyss.Head(stream.Id), .. Http2Abyss.Frame(Http2Frame.Data, EndStream, stream.Id, "{\"value\":"u8.ToArray())]), [Unreadable]),
        ("body before head", stream => stream.SendFrameAsync(Http2Frame.Data, EndStream, "{}"u8.ToArray()), [Unavailable, Unreadable]),
        ("no status", stream => stream.SendFrameAsync(Http2Frame.Headers, 4, [0, 1, (byte)'x', 1, (byte)'y']), [Unavailable, Unreadable]),
        ("no compression", stream => stream.SendFrameAsync(Http2Frame.Headers, 4, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF]), [Unavailable, Unreadable]),
        ("garbage", stream => stream.SendAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray()), [Unavailable, Unreadable]),
        ("frame beyond its bounds", stream => stream.SendAsync([0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, 1]), [Unavailable, Unreadable]),
        ("endless head", async stream =>
        {
            await stream.SendFrameAsync(Http2Frame.Headers, 0, [0x88]);
            await stream.RepeatAsync(Continuation, 0, [0, 1, (byte)'x', 1, (byte)'y']);
        }, [Unavailable, Unreadable]),
        ("body without regard", async stream =>
        {
            await stream.SendAsync(Http2Abyss.Head(stream.Id));
            await stream.RepeatAsync(Http2Frame.Data, 0, new byte[16 * 1024]);
        }, [Unavailable, Unreadable]),
        ("pings", stream => stream.RepeatAsync(Ping, 0, new byte[8], isOfConnection: true), [Unavailable, TooSlow]),
        ("settings", stream => stream.RepeatAsync(Http2Frame.Settings, 0, [], isOfConnection: true), [Unavailable, TooSlow]),
    ];

    [Fact]
    public async Task Whatever_its_frames_say_the_caller_gets_an_answer_of_the_table_and_the_next_request_goes_well()
    {
        var abysses = Array.ConvertAll(Table, row => new Http2Abyss(row.Torment));
        await using (var gateway = Start(abysses))
        {
            var wrong = await Task.WhenAll(Enumerable.Range(0, Table.Length).Select(i => SufferAsync(gateway, i)));
            Assert.True(Array.TrueForAll(wrong, line => line.Length == 0), string.Concat(wrong));
        }

        foreach (var abyss in abysses)
            await abyss.DisposeAsync();
    }

    private static async Task<string> SufferAsync(Gateway gateway, int index)
    {
        var begin = Stopwatch.GetTimestamp();
        var outcome = await Way.PostAsync(gateway, $"/h{index}");
        var took = Stopwatch.GetElapsedTime(begin);
        var next = await Way.PostAsync(gateway, $"/h{index}");
        var row = Table[index];
        return row.Outcomes.Contains(outcome) && took < Budget + Slack && next is Ok ? "" : $"{row.Name}: {outcome} after {took}, then {next}\n";
    }

    private static Gateway Start(Http2Abyss[] abysses)
    {
        var gateway = Gateway.Start(new Dictionary<string, string?>(Gateway.Generous) { ["Credentials:abyss:ApiKey:Primary"] = Gateway.Key }, settings =>
        {
            settings.Set("ReverseProxy:Clusters:azureopenai:Destinations:one", Destination(abysses[0]));
            for (var i = 0; i < abysses.Length; i++)
            {
                settings.Set($"ReverseProxy:Clusters:h{i}", $$"""{ "HttpRequest": { "Version": "2", "VersionPolicy": "RequestVersionExact" }, "Destinations": { "one": {{Destination(abysses[i])}} } }""");
                settings.Set($"ReverseProxy:Routes:h{i}", $$"""
                    {
                      "ClusterId": "h{{i}}", "Match": { "Path": "/h{{i}}", "Methods": [ "POST" ] }, "Metadata": { "Timeout": "{{Budget}}" },
                      "Transforms": [ { "PathSet": "/openai/v1/realtime/client_secrets" }, { "SessionProfile": "assistant" }, { "SessionResponse": "session" } ]
                    }
                    """);
            }
        });
        gateway.Announce(""); // each of them warns in its own words
        return gateway;
    }

    private static string Destination(Http2Abyss abyss) => $$"""{ "Address": "{{abyss.Url}}", "Metadata": { "Credential": "abyss", "Deployment": "d" } }""";

    private static Task GoAwayAsync(Http2Stream stream, int last, byte code) => stream.SendFrameAsync(Http2Frame.GoAway, 0, [0, 0, 0, (byte)last, 0, 0, 0, code], isOfConnection: true);

    private static Task ResetAsync(Http2Stream stream, byte code) => stream.SendFrameAsync(Http2Frame.Reset, 0, [0, 0, 0, code]);
}
