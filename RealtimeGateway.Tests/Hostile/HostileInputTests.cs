using System.Text;
using System.Text.Json;
using CsCheck;
using RealtimeGateway.Sockets;
using RealtimeGateway.Tests.Calls;
using RealtimeGateway.Tests.Infrastructure;
using RealtimeGateway.Tests.Simulator;
using RealtimeGateway.Tests.Telemetry;

namespace RealtimeGateway.Tests.Hostile;

/// <summary>
/// Whatever callers send: never a mistake of ours and never, before a service that is well, one of the service's; the envelope and nothing else; an end
/// in time; nothing logged as an error; nothing kept; and nothing of it where the key is.
/// </summary>
[Collection(nameof(Alone))]
public sealed class HostileInputTests(Siege siege) : IClassFixture<Siege>
{
    private const string Json = "application/json";

    private Gateway Gateway => siege.Gateway;

    [Fact]
    public Task Sessions() => Fuzz.TryAsync(
        siege,
        Gen.Select(Gen.OneOf("/sessions", "/sessions?profile=open", "/openai/v1/realtime/client_secrets", "/openai/v1/realtime/client_secrets?profile=open"), HostileJson.Like(
            """{"model":"gpt-realtime","voice":"marin","instructions":"Hi.","modalities":["text","audio"],"tools":[{"type":"function","name":"f","description":"d","parameters":{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}}]}""",
            """{"model":"gpt-realtime","voice":"marin"}""",
            """{"expires_after":{"anchor":"created_at","seconds":60},"session":{"type":"realtime","model":"gpt-realtime","instructions":"Hi.","output_modalities":["audio"],"audio":{"output":{"voice":"marin"}},"tools":[]}}""")),
        input => AskAsync(Wire.Post(input.Item1, Json, input.Item2)),
        input => $"{input.Item1} {Mutation.Show(input.Item2)}");

    [Fact]
    public Task Reports() => Fuzz.TryAsync(
        siege,
        HostileJson.Like("""{"profile":"assistant","way":"token","round_trip":0.04,"jitter":0.004,"loss":0.01,"bitrate_received":31000,"time_to_first_audio":1.2,"outcome":"connected"}"""),
        body => AskAsync(Wire.Post("/telemetry/webrtc", Json, body)),
        Mutation.Show);

    [Fact]
    public Task Offers() => Fuzz.TryAsync(
        siege,
        Gen.Select(Gen.OneOf("/calls", "/openai/v1/realtime/calls"), HostileSdp.Any),
        input => AskAsync(Wire.Post(input.Item1, "application/sdp", input.Item2)),
        input => $"{input.Item1} {Mutation.Show(input.Item2)}");

    [Fact]
    public Task Forms() => Fuzz.TryAsync(
        siege,
        Gen.Select(Gen.OneOf("/calls", "/openai/v1/realtime/calls"), HostileForms.Any),
        input => AskAsync(Wire.Post(input.Item1, input.Item2.Type, input.Item2.Body)),
        input => $"{input.Item1} {input.Item2.Type} {Mutation.Show(input.Item2.Body)}");

    [Fact]
    public Task Addresses() => Fuzz.TryAsync(siege, HostileRequests.Addressed, AskAsync, Mutation.Show);

    [Fact]
    public Task Requests() => Fuzz.TryAsync(siege, HostileRequests.Any, AskAsync, Mutation.Show);

    [Fact]
    public Task Credentials() => Fuzz.TryAsync(
        siege,
        Gen.Select(
            Gen.OneOf("Authorization: Bearer ", "api-key: ", "x-api-key: ", "Sec-WebSocket-Protocol: realtime, openai-insecure-api-key.", "Authorization: "),
            Mutation.Of(siege.Credentials),
            Mutation.Of(siege.CallId),
            Gen.OneOf("POST /sessions", "POST /openai/v1/realtime/calls", "GET /profiles", "GET /calls/", "DELETE /calls/", "POST /openai/v1/realtime/calls/"),
            (header, credential, id, way) => (Credential: (byte[])[.. Encoding.ASCII.GetBytes(header), .. credential, .. "\r\n"u8], Request: (byte[])
            [
                .. Encoding.ASCII.GetBytes(way), .. way.EndsWith('/') ? id : [], .. way is "POST /openai/v1/realtime/calls/" ? "/hangup"u8 : default,
                .. Encoding.ASCII.GetBytes($" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/sdp\r\n{header}"), .. credential,
                .. Encoding.ASCII.GetBytes($"\r\nContent-Length: {HostileSdp.Chromiums.Length}\r\n\r\n{HostileSdp.Chromiums}"),
            ])),
        input => AskAsync(input.Request, input.Credential),
        input => Mutation.Show(input.Request));

    [Fact]
    public Task Frames() => Fuzz.TryAsync(siege, HostileFrames.Any, ConverseAsync, Mutation.Show);

    [Fact]
    public Task Events() => Fuzz.TryAsync(
        siege,
        Gen.Select(HostileJson.TextLike(
        [
            """{"type":"session.update","event_id":"e","session":{"type":"realtime","instructions":"Hi.","output_modalities":["audio"],"audio":{"output":{"voice":"marin"}},"tools":[]}}""",
            """{"type":"response.create","response":{"conversation":"none","metadata":{"topic":"x"},"max_output_tokens":100,"input":[{"type":"item_reference","id":"i"},{"type":"message","role":"user","content":[]}]}}""",
            """{"type":"response.create"}""",
            """{"type":"conversation.item.create","previous_item_id":null,"item":{"id":"i","type":"message","role":"user","content":[{"type":"input_text","text":"make the background blue"}]}}""",
            """{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_audio","audio":"AAAA"},{"type":"input_image","image_url":"data:image/png;base64,AAAA"}]}}""",
            """{"type":"conversation.item.create","item":{"type":"function_call_output","call_id":"c","output":"ok"}}""",
            """{"type":"conversation.item.truncate","item_id":"i","content_index":0,"audio_end_ms":12}""",
            """{"type":"conversation.item.delete","item_id":"i"}""",
            """{"type":"conversation.item.retrieve","item_id":"i"}""",
            """{"type":"input_audio_buffer.append","audio":"AAAAAAAAAAAAAAAA"}""",
            $$"""{"type":"input_audio_buffer.append","event_id":"e","audio":"{{new string('A', 40_000)}}"}""",
            """{"type":"input_audio_buffer.commit"}""",
            """{"type":"response.cancel","response_id":"r"}""",
        ]), Gen.Double.Unit).Array[1, 12].Select(HostileFrames.Write),
        ConverseAsync,
        Mutation.Show);

    /// <summary>Events of the service, as they are and as they should not be: what stays inside does, however the rest is bent.</summary>
    [Fact]
    public Task ServiceEvents()
    {
        string[] valid =
        [
            """{"type":"session.updated","event_id":"e","session":{"type":"realtime","object":"realtime.session","id":"sess_1","model":"leaked","instructions":"leaked","tools":[{"name":"leaked"}],"prompt":{"id":"leaked"},"tracing":"leaked","expires_at":1900000000,"output_modalities":["audio"],"client_secret":{"value":"leaked"},"audio":{"input":{"format":{"type":"audio/pcm","rate":24000},"transcription":{"model":"leaked","prompt":"leaked","language":"en"},"turn_detection":{"type":"server_vad","threshold":0.5}},"output":{"voice":"marin","speed":1}}}}""",
            """{"type":"session.created","session":{"type":"realtime","id":"sess_1","instructions":"leaked"}}""",
            """{"type":"response.done","response":{"id":"r","object":"realtime.response","status":"failed","status_details":{"type":"failed","error":{"type":"server_error","code":"x","message":"leaked"}},"output":[{"id":"i","type":"message","content":[{"type":"output_audio","transcript":"hi"}]}],"usage":{"total_tokens":3},"metadata":{"a":"b"},"instructions":"leaked"}}""",
            """{"type":"error","error":{"type":"invalid_request_error","code":"bad","message":"leaked","param":"session.voice","event_id":"e"}}""",
            """{"type":"conversation.item.input_audio_transcription.failed","item_id":"i","content_index":0,"error":{"type":"x","code":"y","message":"leaked"}}""",
            """{"type":"response.output_audio.delta","response_id":"r","delta":"AAAA"}""",
            """{"type":"rate_limits.updated","rate_limits":[{"name":"leaked"}]}""",
        ];
        var profile = Gateway.Snapshot().Profiles["assistant"];
        var view = new CallersView(new(profile, profile.DefaultModel), Gateway.OnlyDestination());
        return Fuzz.TryAsync(
            siege,
            Gen.OneOf(HostileJson.TextLike(valid).Select(text => (Text: text, IsBent: false)), HostileJson.Like(valid).Select(text => (Text: text, IsBent: true))),
            input => Task.FromResult<IReadOnlyList<string>>([See(view, input.Text, input.IsBent)]),
            input => Mutation.Show(input.Text));
    }

    /// <param name="isBent">Whether bytes may have been moved, so that what stays inside may stand where it does not.</param>
    private static string See(CallersView view, byte[] text, bool isBent)
    {
        ServerEvents.PassageOf(text.AsSpan(0, text.Length / 2), isWhole: false, out _);
        var passage = ServerEvents.PassageOf(text, isWhole: true, out _);
        if (passage is not Passage.Rewrite)
            return $"{passage}";
        if (view.Of(text) is not { } seen)
            return "unreadable";
        using var json = JsonDocument.Parse(seen);
        Assert.Equal(JsonValueKind.Object, json.RootElement.ValueKind);
        Assert.True(isBent || !Encoding.UTF8.GetString(seen.Span).Contains("leaked", StringComparison.Ordinal), Encoding.UTF8.GetString(seen.Span));
        return $"{passage}";
    }

    private Task<IReadOnlyList<string>> AskAsync(byte[] request) => AskAsync(request, []);

    /// <summary>What came of a request, or of several. A call that it began is ended by its owner: whoever had the credential, or nobody.</summary>
    private async Task<IReadOnlyList<string>> AskAsync(byte[] request, byte[] credential)
    {
        var (answers, _) = Answer.ReadAll(await Wire.SayAsync(Gateway, request));
        foreach (var call in answers.Where(answer => answer.Status is 201).Select(answer => answer.Headers["location"]))
            Assert.True(await HangUpAsync(call, []) is 204 || await HangUpAsync(call, credential) is 204, call);
        return answers.Count == 0 ? ["no answer"] : [.. answers.Select(answer => answer.Verdict())];
    }

    private async Task<int> HangUpAsync(string call, byte[] credential)
    {
        var (answers, _) = Answer.ReadAll(await Wire.SayAsync(Gateway, [.. Encoding.ASCII.GetBytes($"DELETE {call} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"), .. credential, .. "\r\n"u8]));
        return Assert.Single(answers).Status;
    }

    private async Task<IReadOnlyList<string>> ConverseAsync(byte[] frames)
    {
        var (answers, after) = Answer.ReadAll(await Wire.SayAsync(Gateway, frames));
        return [answers is [{ Status: 101 }] ? HeardFrames.Verdict(after) : answers.Count == 0 ? "no answer" : answers[0].Verdict()];
    }
}
