using System.Threading.RateLimiting;

namespace RealtimeGateway.Limits;

/// <summary>The outcome in the framework's terms; its middleware disposes of it when the response is over.</summary>
internal sealed class RequestLease : RateLimitLease
{
    public static readonly RequestLease Free = new(Decision.Admitted, call: null);

    private static readonly RequestLease Undecided = new(Decision.Unknown, call: null);

    private readonly CallLease? _call;

    private RequestLease(Decision decision, CallLease? call) => (Decision, _call) = (decision, call);

    public Decision Decision { get; }

    public override bool IsAcquired => Decision.IsAdmitted;

    public override IEnumerable<string> MetadataNames => [];

    public static RequestLease Holding(CallLease call) => new(Decision.Admitted, call);

    public static RequestLease Refused(Decision decision) => decision.IsUnknown ? Undecided : new(decision, call: null);

    public override bool TryGetMetadata(string metadataName, out object? metadata)
    {
        metadata = null;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        _call?.End();
        base.Dispose(disposing);
    }
}
