using RealtimeGateway.Configuration;
using RealtimeGateway.Sockets;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace RealtimeGateway.Proxy.Transforms;

/// <summary>
/// What every route to a destination with a credential gets without asking: header allow-lists both ways, an empty query, the credential,
/// and errors that say nothing of the upstream. A route of three lines is as safe as the shipped ones.
/// </summary>
internal sealed class ProtectionProvider(LiveConfiguration live, DestinationRequests requests, TimeProvider time, ILoggerFactory loggers) : ITransformProvider
{
    private static readonly string[] RequestHeaders = ["Accept", "Content-Type", "Content-Length"];
    private static readonly string[] ResponseHeaders = ["Content-Type", "Content-Length", "Content-Encoding"];

    // Built-in transforms that would undo the protection, with what they would let through.
    private static readonly Dictionary<string, string> Forbidden = new(StringComparer.OrdinalIgnoreCase)
    {
        ["RequestHeadersCopy"] = "the caller's headers",
        ["ResponseHeadersCopy"] = "the upstream's headers",
        ["ResponseTrailersCopy"] = "the upstream's trailers",
        ["RequestHeaderOriginalHost"] = "the gateway's host name",
        ["X-Forwarded"] = "the caller's address",
        ["Forwarded"] = "the caller's address",
        ["ClientCert"] = "the caller's certificate",
    };

    // Built-in transforms that set a header or query value; YARP takes their names in any case.
    private static readonly HashSet<string> Setting =
        new(["RequestHeader", "RequestHeaderRouteValue", "QueryValueParameter", "QueryRouteParameter"], StringComparer.OrdinalIgnoreCase);

    public void ValidateRoute(TransformRouteValidationContext context)
    {
        foreach (var name in NamesSetBy(context.Route.Transforms).Where(CredentialHeaders.Contains))
            context.Errors.Add(new ArgumentException($"a transform sets {name}; a credential belongs to a destination (Metadata:Credential), not to a route"));
        if (!live.Of(context.Route).Destinations.HoldCredential(context.Route.ClusterId))
            return;

        foreach (var key in (context.Route.Transforms ?? []).SelectMany(transform => transform.Keys).Where(Forbidden.ContainsKey))
            context.Errors.Add(new ArgumentException($"transform {key} would pass on {Forbidden[key]}; a cluster with a credential does not allow it"));
        foreach (var header in ListedIn(context.Route.Transforms, "RequestHeadersAllowed").Where(IsKeptFromUpstream))
            context.Errors.Add(new ArgumentException($"RequestHeadersAllowed names {header}, which never reaches a destination"));
        foreach (var header in ListedIn(context.Route.Transforms, "ResponseHeadersAllowed").Where(IsKeptFromCaller))
            context.Errors.Add(new ArgumentException($"ResponseHeadersAllowed names {header}, which never reaches a caller"));
    }

    public void ValidateCluster(TransformClusterValidationContext context)
    {
    }

    public void Apply(TransformBuilderContext context)
    {
        var snapshot = live.Of(context.Route);
        if (!snapshot.Destinations.HoldCredential(context.Route.ClusterId))
            return;

        context.CopyRequestHeaders = false;
        context.CopyResponseHeaders = false;
        context.CopyResponseTrailers = false;
        context.UseDefaultForwarders = false;

        // Before the route's own transforms, which add to what is allowed.
        var allowedByRoute = ListedIn(context.Route.Transforms, "RequestHeadersAllowed");
        context.RequestTransforms.Insert(0, new DestinationTransform(snapshot.Destinations.In(context.Route.ClusterId)));
        context.RequestTransforms.Insert(1, new EmptyQueryTransform());
        context.RequestTransforms.Insert(2, new RequestHeadersAllowedTransform([.. RequestHeaders.Except(allowedByRoute, StringComparer.OrdinalIgnoreCase)]));
        context.RequestTransforms.Insert(1, new PlainHeadersTransform([.. RequestHeaders, .. allowedByRoute]));
        if (SessionEventsFactory.ProfileOf(context.Route) is null) // whose sockets are ended and looked into
            context.RequestTransforms.Insert(1, new NoTunnelTransform());
        context.ResponseTransforms.Insert(0, new UpstreamErrorTransform(requests, time));
        context.ResponseTransforms.Insert(1, new ResponseHeadersAllowedTransform(ResponseHeaders));

        // After them, so that it judges where they lead, and nothing can follow the credential.
        if (NoSessionTransform.IsNeededOn(context.Route))
            context.RequestTransforms.Add(new NoSessionTransform());
        context.RequestTransforms.Add(new CredentialTransform(time, loggers.CreateLogger<CredentialTransform>()));
    }

    private static bool IsKeptFromUpstream(string header) => CredentialHeaders.Contains(header)
        || new[] { "X-Forwarded-", "Forwarded", "Sec-WebSocket-", "traceparent", "tracestate", "Host" }.Any(start => header.StartsWith(start, StringComparison.OrdinalIgnoreCase));

    // Those that name another address have the upstream's in them.
    private static bool IsKeptFromCaller(string header) =>
        new[] { "x-ms-", "apim-", "azureml-", "Set-Cookie", "Location", "Content-Location", "Operation-Location", "Link", "Server" }.Any(start => header.StartsWith(start, StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<string> NamesSetBy(IEnumerable<IReadOnlyDictionary<string, string>>? transforms) =>
        (transforms ?? [])
            .SelectMany(transform => transform)
            .Where(pair => Setting.Contains(pair.Key))
            .Select(pair => pair.Value ?? "");

    private static string[] ListedIn(IEnumerable<IReadOnlyDictionary<string, string>>? transforms, string name) =>
        [.. (transforms ?? [])
            .SelectMany(transform => transform)
            .Where(pair => pair.Key.Equals(name, StringComparison.OrdinalIgnoreCase))
            .SelectMany(pair => (pair.Value ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
}
