namespace RealtimeGateway.Simulator.Answers;

/// <summary>
/// What the simulated resource tells about itself in headers and error bodies, as Azure does. Each is unlike anything that a client says, so that a gateway that lets
/// one through shows.
/// </summary>
internal static class Telltales
{
    public const string Resource = "simulated-resource";
    public const string Deployment = "simulated-deployment";
    public const string Region = "simulated-region";
    public const string Backend = "simulated-backend-7";
    public const string Principal = "0f0e0d0c-simulated-principal";
    public const string ReasonPhrase = "simulated-reason";
    public const string Model = "simulated-model";
    public const string ModelSession = "simulated-model-session";
    public const string Version = "simulated-version";
    public const string Cookie = "simulated-cookie";
    public const string Ray = "simulated-ray";
    public const string RedirectHost = "simulated-redirect.invalid";
    public const string ExtraMember = "simulated-extra-value";

    /// <summary>What every request id begins with.</summary>
    public const string RequestId = "51a01d5e-51a0-";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } =
        [Resource, Deployment, Region, Backend, Principal, ReasonPhrase, Model, ModelSession, Version, Cookie, Ray, RedirectHost, ExtraMember, RequestId];

    /// <summary>The id of a request, in the shape that Azure's have.</summary>
    public static string NewRequestId() => RequestId + Guid.NewGuid().ToString()[RequestId.Length..];
}
