namespace RealtimeGateway.Simulator.Conversations;

/// <summary>One conversation's way through <see cref="Utterances"/>.</summary>
internal sealed class Hearing(Utterances utterances)
{
    private IReadOnlyList<string>? _list;
    private int _next;

    public string Next()
    {
        var current = utterances.All;
        if (!ReferenceEquals(current, _list)) (_list, _next) = (current, 0);
        return current[_next++ % current.Count];
    }
}
