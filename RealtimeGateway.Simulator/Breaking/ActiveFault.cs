namespace RealtimeGateway.Simulator.Breaking;

/// <summary>A fault that is in force.</summary>
/// <param name="Id">Names it for removal.</param>
/// <param name="Fault">The fault as it was injected.</param>
/// <param name="Remaining">How often it will still happen; null until removed.</param>
public sealed record ActiveFault(int Id, Fault Fault, int? Remaining);
