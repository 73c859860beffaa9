namespace RealtimeGateway.Callers;

/// <summary>Who sent a request, as the caller step has found out; anonymous when there is no such step.</summary>
internal sealed record Caller(string Identity)
{
    public static readonly Caller Anonymous = new("");

    /// <summary>Stable and unique per caller; empty for an anonymous one. Never logged.</summary>
    public string Identity { get; } = Identity;

    public bool IsAnonymous => Identity.Length == 0;

    public static Caller Of(HttpContext context) => context.Features.Get<Caller>() ?? Anonymous;
}
