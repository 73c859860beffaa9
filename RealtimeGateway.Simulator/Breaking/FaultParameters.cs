using RealtimeGateway.Simulator.Validation;

namespace RealtimeGateway.Simulator.Breaking;

/// <summary>The rules between a fault's parameters: each belongs to the effect, and the required ones are there.</summary>
internal static class FaultParameters
{
    private static readonly string[] OfEveryEffect = ["effect", "operation", "times", "beneath"];

    public static Violation? Violation(Fault fault) =>
        Foreign(fault) ?? OfOperation(fault) ?? (fault.Effect == FaultEffect.Status ? OfStatus(fault) : null) ?? OfDelay(fault) ?? OfTimes(fault) ?? OfBeneath(fault);

    private static Violation? Foreign(Fault fault)
    {
        var foreign = Given(fault).FirstOrDefault(name => !fault.Effect.Takes.Contains(name));
        return foreign is null ? null : Validation.Violation.Unknown(foreign, [.. OfEveryEffect, .. fault.Effect.Takes]);
    }

    private static Violation? OfOperation(Fault fault) => fault.Effect.Meets(fault.Operation)
        ? null
        : Validation.Violation.Invalid("effect", FaultEffect.All.Where(effect => effect.Meets(fault.Operation)).Select(effect => effect.Name));

    private static Violation? OfStatus(Fault fault)
    {
        if (fault.Status is not { } status) return Validation.Violation.Missing("status");
        if (!StatusAnswers.Statuses.Contains(status))
            return Validation.Violation.Invalid("status", StatusAnswers.StatusNames);
        var variants = StatusAnswers.VariantsOf(status);
        if (fault.Variant is not null && !variants.Contains(fault.Variant))
            return Validation.Violation.Invalid("variant", variants);
        if (fault.Location is not null && !StatusAnswers.IsRedirect(status))
            return Validation.Violation.Invalid("location", "left out unless the status is a redirect");
        return fault is { RetryAfter: not null, RetryAfterDate: not null }
            ? Validation.Violation.Invalid("retryAfterDate", "left out when retryAfter is given: both are the header Retry-After")
            : null;
    }

    private static Violation? OfDelay(Fault fault) =>
        fault.Effect.Takes.Contains("delayMs") && fault.DelayMs is not >= 0 ? Validation.Violation.Missing("delayMs") : null;

    private static Violation? OfTimes(Fault fault) =>
        fault.Times < 1 ? Validation.Violation.Invalid("times", "at least 1, or null") : null;

    // When and to what it happens is said above it.
    private static Violation? OfBeneath(Fault fault) => fault.Beneath switch
    {
        null => null,
        { Operation: not FaultOperation.Any } => Validation.Violation.Unknown("operation", ["effect", .. fault.Beneath.Effect.Takes]),
        { Times: not null } => Validation.Violation.Unknown("times", ["effect", .. fault.Beneath.Effect.Takes]),
        var beneath => Violation(beneath with { Operation = fault.Operation }),
    };

    private static IEnumerable<string> Given(Fault fault)
    {
        if (fault.Status is not null) yield return "status";
        if (fault.Variant is not null) yield return "variant";
        if (fault.Location is not null) yield return "location";
        if (fault.RetryAfter is not null) yield return "retryAfter";
        if (fault.RetryAfterMs is not null) yield return "retryAfterMs";
        if (fault.RetryAfterDate is not null) yield return "retryAfterDate";
        if (fault.DelayMs is not null) yield return "delayMs";
    }
}
