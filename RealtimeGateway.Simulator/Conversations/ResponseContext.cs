using System.Text.Json.Nodes;

namespace RealtimeGateway.Simulator.Conversations;

/// <summary>All that one response is made with.</summary>
internal sealed class ResponseContext
{
    public required Outbox Outbox { get; init; }

    /// <summary>The session's settings, with those that the response sets itself.</summary>
    public required SessionSettings Settings { get; init; }

    /// <summary>Where its items go; null when it stands outside of the default conversation.</summary>
    public required History? Conversation { get; init; }

    /// <summary>The number of the last item of the conversation when the model began to think.</summary>
    public required int Knows { get; init; }

    /// <summary>Where its voice is played; null when sound travels in the events.</summary>
    public required Playback? Playback { get; init; }

    public required JsonObject? Metadata { get; init; }

    public required Tokens Input { get; init; }

    public required Tokens Cached { get; init; }

    /// <summary>Called once, after <c>response.done</c>.</summary>
    public required Action<ResponseRun, string> WhenEnded { get; init; }

    public bool HasEnded { get; private set; }

    public void Ended(ResponseRun run, string status)
    {
        HasEnded = true;
        WhenEnded(run, status);
    }
}
