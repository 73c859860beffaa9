namespace RealtimeGateway.Simulator.Conversations;

/// <summary>A call that the model makes; the arguments are JSON.</summary>
internal sealed record ToolCall(string Name, string Arguments);

/// <summary>What the model answers: clips to say, one after the other, and then calls to make.</summary>
internal sealed record Reply(IReadOnlyList<string> Clips, IReadOnlyList<ToolCall> Calls)
{
    public static Reply Say(params IReadOnlyList<string> clips) => new(clips, []);

    public static Reply Call(params IReadOnlyList<ToolCall> calls) => new([], calls);
}
