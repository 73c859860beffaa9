using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using RealtimeGateway.Simulator;
using RealtimeGateway.Simulator.Conversations;
using RealtimeGateway.Simulator.Minting;
using RealtimeGateway.Simulator.Voice;

namespace RealtimeGateway.Tests.Simulator;

/// <summary>
/// A conversation with the simulated model whose clock only the test moves. The conversation works on the test's own thread, so that all
/// that follows from a step has happened when the step returns.
/// </summary>
internal sealed class Talk : IConversationTransport, IAsyncDisposable
{
    public const string Tools = """
        [{"type":"function","name":"changeBackgroundColor","parameters":{"type":"object","properties":{"color":{"type":"string"}},"required":["color"]}},
         {"type":"function","name":"changeTextColor","parameters":{"type":"object","properties":{"color":{"type":"string"}},"required":["color"]}},
         {"type":"function","name":"getPageHTML","parameters":{"type":"object","properties":{}}}]
        """;

    private const int Step = 5;
    private const int EnoughDeltas = 5;
    private const string ModelName = "\"model\":\"gpt-realtime\"";

    private readonly CancellationTokenSource _hangUp = new();
    private readonly Surface _surface;
    private int _read;

    private Talk(string settings, Surface surface, Medium medium, Utterances utterances, int sessionSeconds)
    {
        _surface = surface;
        var asked = JsonNode.Parse("{" + (surface == Surface.Ga ? "\"type\":\"realtime\"," : "") + ModelName + settings + "}")!.AsObject();
        var session = surface == Surface.Ga ? SimulatedSession.Ga(asked) : SimulatedSession.Preview(asked);
        Conversation = new SimulatedModel(new() { SessionSeconds = sessionSeconds }, utterances, Time).Open(session, surface, medium);
        Conversation.Join(this);
        Ending = Conversation.RunAsync(_hangUp.Token);
    }

    public FakeTimeProvider Time { get; } = new(new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero));

    public Conversation Conversation { get; }

    public Task<ConversationEnd> Ending { get; }

    public List<JsonObject> All { get; } = [];

    public List<byte[]> Played { get; } = [];

    public int Silences { get; private set; }

    /// <summary>Opens a session that has the three tools of the page.</summary>
    /// <param name="settings">More members of the session, each with a comma in front.</param>
    public static Talk Begin(
        string settings = "", Surface surface = Surface.Ga, Medium medium = Medium.Tracks, Utterances? utterances = null, int sessionSeconds = 3600) =>
        new($",\"tools\":{Tools}{settings}", surface, medium, utterances ?? new(), sessionSeconds);

    public static Talk BeginWithoutTools() => new("", Surface.Ga, Medium.Tracks, new(), 3600);

    public void Send(string clientEvent) => Conversation.Receive(clientEvent, this);

    public void Write(string words) => Send(new JsonObject
    {
        ["type"] = "conversation.item.create",
        ["item"] = new JsonObject
        {
            ["type"] = "message",
            ["role"] = "user",
            ["content"] = new JsonArray(new JsonObject { ["type"] = "input_text", ["text"] = words }),
        },
    }.ToJsonString());

    /// <summary>Writes, and lets the model answer until it is done.</summary>
    public IReadOnlyList<JsonObject> Ask(string words)
    {
        Write(words);
        return Respond();
    }

    public IReadOnlyList<JsonObject> Respond(string response = "{}")
    {
        Send("{\"type\":\"response.create\",\"response\":" + response + "}");
        return Until("response.done");
    }

    public IReadOnlyList<JsonObject> Output(string callId, string output)
    {
        Send(new JsonObject
        {
            ["type"] = "conversation.item.create",
            ["item"] = new JsonObject { ["type"] = "function_call_output", ["call_id"] = callId, ["output"] = output },
        }.ToJsonString());
        return News();
    }

    /// <summary>Lets time pass in steps that are shorter than anything the model waits for.</summary>
    public void Pass(int milliseconds)
    {
        for (; milliseconds > Step; milliseconds -= Step) Time.Advance(TimeSpan.FromMilliseconds(Step));
        Time.Advance(TimeSpan.FromMilliseconds(milliseconds));
    }

    /// <summary>Speaks for a second.</summary>
    public void Speak()
    {
        BeginToSpeak();
        Pass(1000);
        Conversation.Hear(AudioFormat.Pcm.Encode(new short[AudioFormat.Rate])); // a second of silence
    }

    /// <summary>Says enough into the microphone to be noticed.</summary>
    public void BeginToSpeak() => Conversation.Hear(AudioFormat.Pcm.Encode(Clip.Of("help").Samples.AsSpan(0, AudioFormat.Rate)));

    /// <summary>What was sent since the last look.</summary>
    public IReadOnlyList<JsonObject> News()
    {
        var news = All.Skip(_read).ToList();
        _read = All.Count;
        return news;
    }

    /// <summary>Lets time pass until an event of that type is there, and gives all that came.</summary>
    public IReadOnlyList<JsonObject> Until(string type)
    {
        for (var waited = 0; waited < 60_000; waited += Step)
        {
            if (All.Skip(_read).Any(one => TypeOf(one) == type)) return News();
            Pass(Step);
        }

        throw new InvalidOperationException($"No {type} within a minute, but {string.Join(", ", All.Skip(_read).Select(TypeOf))}.");
    }

    /// <summary>Types in order, a run of one type written once.</summary>
    public static IReadOnlyList<string> Types(IEnumerable<JsonObject> events)
    {
        var types = new List<string>();
        foreach (var type in events.Select(TypeOf))
            if (types.Count == 0 || types[^1] != type) types.Add(type);
        return types;
    }

    public static string TypeOf(JsonObject serverEvent) => serverEvent["type"]!.GetValue<string>();

    public static JsonObject The(IEnumerable<JsonObject> events, string type) => events.Single(one => TypeOf(one) == type);

    public static string Said(IEnumerable<JsonObject> events) => string.Concat(
        events.Where(one => TypeOf(one) is "response.output_audio_transcript.delta" or "response.audio_transcript.delta" or "response.output_text.delta")
            .Select(one => one["delta"]!.GetValue<string>()));

    public static IReadOnlyList<(string Id, string Name, string Arguments)> CallsIn(IEnumerable<JsonObject> events) =>
    [
        .. events.Where(one => TypeOf(one) == "response.function_call_arguments.done")
            .Select(one => (one["call_id"]!.GetValue<string>(), one["name"]!.GetValue<string>(), one["arguments"]!.GetValue<string>())),
    ];

    public ValueTask SendAsync(string serverEvent, CancellationToken cancellationToken)
    {
        All.Add(JsonNode.Parse(serverEvent)!.AsObject());
        return ValueTask.CompletedTask;
    }

    public ValueTask PlayAsync(ReadOnlyMemory<byte> pcm, CancellationToken cancellationToken)
    {
        Played.Add(pcm.ToArray());
        return ValueTask.CompletedTask;
    }

    public ValueTask SilenceAsync(CancellationToken cancellationToken)
    {
        Silences++;
        return ValueTask.CompletedTask;
    }

    /// <summary>Hangs up; every event of a GA session has to keep to its schema.</summary>
    public async ValueTask DisposeAsync()
    {
        await _hangUp.CancelAsync();
        await Ending;
        _hangUp.Dispose();
        if (_surface == Surface.Preview) return;
        // Deltas of one type differ in nothing but their text.
        foreach (var one in All.GroupBy(TypeOf).SelectMany(group => group.Key.EndsWith(".delta", StringComparison.Ordinal) ? group.Take(EnoughDeltas) : group))
            Assert.Empty((await RealtimeSchemas.ViolationsOfEventAsync(one)).Select(violation => $"{one.ToJsonString()}: {violation}"));
    }
}
