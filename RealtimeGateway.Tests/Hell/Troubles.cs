using RealtimeGateway.Simulator.Breaking;

namespace RealtimeGateway.Tests.Hell;

/// <summary>Every fault that the simulator knows, by its own catalogue, so that a new one joins by itself.</summary>
internal static class Troubles
{
    private const int Moment = 20;

    /// <summary>All that can happen to an operation, once for every status and body that the service has.</summary>
    public static IReadOnlyList<Fault> Of(FaultOperation operation) =>
        [.. FaultEffect.All.Where(effect => effect.Meets(operation)).SelectMany(Variants).Select(fault => fault with { Operation = operation, Times = null })];

    public static string Name(Fault fault) => $"{fault.Effect.Name}{(fault.Status is null ? "" : $" {fault.Status} {fault.Variant}")}{(fault.Beneath is { } beneath ? $" over {Name(beneath)}" : "")}";

    private static IEnumerable<Fault> Variants(FaultEffect effect) => effect == FaultEffect.Status
        ? StatusAnswers.Statuses.SelectMany(status => StatusAnswers.VariantsOf(status).Select(variant => new Fault { Effect = effect, Status = status, Variant = variant }))
        : [new Fault { Effect = effect, DelayMs = effect.Takes.Contains("delayMs") ? Moment : null }];
}
