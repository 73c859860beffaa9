using System.Text.Json.Nodes;

namespace RealtimeGateway.Simulator.Conversations;

/// <summary>The model behind the simulated deployments: opens conversations with it.</summary>
internal sealed class SimulatedModel(SimulatorOptions options, Utterances utterances, TimeProvider time)
{
    private readonly ClientEventRules _ga = new(options, Surface.Ga);
    private readonly ClientEventRules _preview = new(options, Surface.Preview);

    public Utterances Utterances => utterances;

    public TimeProvider Time => time;

    public TimeSpan Lifetime => TimeSpan.FromSeconds(options.SessionSeconds);

    public ClientEventRules RulesOf(Surface surface) => surface == Surface.Ga ? _ga : _preview;

    /// <summary>Opens one, which begins when it is run, for whoever joins it.</summary>
    /// <param name="session">The session as the mint described it, in the shape of <paramref name="surface"/>; it is not changed.</param>
    /// <param name="surface">The protocol of the events.</param>
    /// <param name="medium">Whether sound travels in the events or beside them.</param>
    public Conversation Open(JsonObject session, Surface surface, Medium medium) => new(this, session.DeepClone().AsObject(), surface, medium);
}
