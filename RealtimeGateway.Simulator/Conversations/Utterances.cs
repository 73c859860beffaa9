namespace RealtimeGateway.Simulator.Conversations;

/// <summary>
/// What users are heard to say. The simulator recognises no speech: each spoken turn of a conversation is taken for the next sentence of
/// this list, and after the last comes the first again.
/// </summary>
public sealed class Utterances
{
    private static readonly string[] Default =
        ["Make the background blue.", "Change the text colour to white.", "What is on this page?", "Thank you."];

    private volatile IReadOnlyList<string> _all = Default;

    /// <summary>The sentences, never empty. A conversation that meets a list for the first time begins at its start.</summary>
    public IReadOnlyList<string> All
    {
        get => _all;
        set => _all = value is { Count: > 0 } ? [.. value] : Default;
    }
}
