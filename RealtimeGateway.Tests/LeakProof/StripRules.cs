using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Answers;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.LeakProof;

/// <summary>A rule that keeps something inside, and what comes out without it.</summary>
/// <param name="Name">What it does.</param>
/// <param name="Without">Cuts it out of the gateway.</param>
/// <param name="Shows">What must come out then.</param>
internal sealed record StripRule(string Name, Func<Mutation, Mutation> Without, Canary Shows)
{
    /// <summary>What takes it out of the shipped settings, where it stands there.</summary>
    public Action<JsonNode>? Settings { get; init; }

    /// <summary>The endpoints at which it shows, in this order; a visit of everything when there are none.</summary>
    public IReadOnlyList<string> At { get; init; } = [];

    /// <summary>Whether it shows once somebody has spoilt the settings.</summary>
    public bool IsOfSpoiltSettings { get; init; }

    /// <summary>Whether Redis shows it.</summary>
    public bool IsInStore { get; init; }

    /// <summary>The command that shows it; <c>null</c> when requests do.</summary>
    public string? Command { get; init; }

    public override string ToString() => Name;
}

/// <summary>Every rule that keeps something inside. One that is not here has nothing to show that it is needed.</summary>
internal static class StripRules
{
    private const string Provider = "ProtectionProvider";
    private const string Builder = "TransformBuilderContext";
    private const string Client = "DestinationClient";
    private const string Handler = "SocketsHttpHandler";
    private const string IndiscreetSocket = "/indiscreetsessionevents";
    private const string Metrics = "/metrics";

    private static readonly (string, string) Request = ("HttpContext", "get_Request");
    private static readonly Canary Text = Of(Telltales.RedirectHost);

    private const string Things = "/things/{**rest}", Open = "/open/{**rest}", Indiscreet = "/indiscreet/{**rest}", Gone = "/gone/{**rest}", Call = "/calls/{id}";

    public static IReadOnlyList<StripRule> All { get; } =
    [
        // Towards the service.
        new("request headers are an allow-list", gateway => gateway.LeavesOut(Provider, "Apply", Builder, "set_CopyRequestHeaders", 2), Canaries.Header) { At = [Things] },
        new("no forwarding header is added", gateway => gateway.LeavesOut(Provider, "Apply", Builder, "set_UseDefaultForwarders", 2), new("header X-Forwarded-Proto", "")) { At = [Things] },
        new("a caller's credentials go no further", gateway => gateway
            .LeavesOut(Provider, "Apply", Builder, "set_CopyRequestHeaders", 2)
            .LeavesOut("CredentialTransform", "ApplyAsync", "CredentialHeaders", "RemoveFrom", 1), Canaries.SubscriptionKey) { At = [Things] },
        new("no route lets a header pass that never reaches a destination", gateway => gateway.ReturnsFalse(Provider, "IsKeptFromUpstream"), Canaries.Forwarded)
        {
            Settings = settings => settings.Set("ReverseProxy:Routes:things:Transforms", """[ { "RequestHeadersAllowed": "X-Forwarded-For" } ]"""),
            At = [Things],
        },
        new("a caller's credential is taken off the request where it is checked", gateway => gateway.LeavesOut("PresentedCredential", "Take", "IHeaderDictionary", "set_Authorization", 2), Canaries.AlicesKey) { At = [Open] },
        new("so is one in a header for keys", gateway => gateway.TakesForTrue("PresentedCredential", "Take", "IDictionary`2", "Remove", 2), Canaries.AlicesKey) { At = [Open] },
        new("so is one in a subprotocol", gateway => gateway.LeavesOut("PresentedCredential", "TakeSubprotocol", "IHeaderDictionary", "set_SecWebSocketProtocol", 2), Canaries.AlicesKey) { At = [Open] },
        new("a caller's query goes no further", gateway => gateway.DoesNothing("EmptyQueryTransform", "ApplyAsync"), Canaries.QueryKey) { At = [Things] },
        new("no tunnel is opened", gateway => gateway.DoesNothing("NoTunnelTransform", "ApplyAsync"), new("header Upgrade", "")) { At = [Things] },
        new("trace context goes no further", gateway => gateway.LeavesOut(Client, "ConfigureHandler", Handler, "set_ActivityHeadersPropagator", 2), new("header traceparent", "")) { At = [Things] },
        new("a service's cookies are not kept for the next caller", gateway => gateway.TurnsOn(Client, "ConfigureHandler", Handler, "set_UseCookies"), Of(Telltales.Cookie)) { At = [Indiscreet] },
        new("nobody is followed who leads elsewhere", gateway => gateway.TurnsOn(Client, "ConfigureHandler", Handler, "set_AllowAutoRedirect"), Canaries.Key) { At = [Indiscreet] },
        new("no method is forwarded that has a request echoed", gateway => gateway.ReturnsArgument("ForwardedMethods", "Limit", 0), Canaries.Key) { At = [Indiscreet] },
        new("events of a caller are an allow-list of members", gateway => gateway.ReturnsNull("CallersItem", "Check"), Canaries.Member) { At = [IndiscreetSocket] },

        // Towards the caller.
        new("response headers are an allow-list", WithAllResponseHeaders, Of(Telltales.Region)) { At = [Indiscreet] },
        new("no route lets a header pass that never reaches a caller", gateway => gateway.ReturnsFalse(Provider, "IsKeptFromCaller"), Of(Telltales.Region))
        {
            Settings = settings => settings.Set("ReverseProxy:Routes:indiscreet:Transforms", """[ { "ResponseHeadersAllowed": "x-ms-region" } ]"""),
            At = [Indiscreet],
        },
        new("trailers stay inside", gateway => gateway.LeavesOut(Provider, "Apply", Builder, "set_CopyResponseTrailers", 2), Of(Telltales.Backend)) { At = [Indiscreet] },
        new("where a redirect leads stays inside", gateway => WithAllResponseHeaders(gateway).DoesNothing("UpstreamErrorTransform", "ApplyAsync"), Canaries.Elsewhere) { At = [Indiscreet] },
        new("error bodies stay inside", gateway => gateway.DoesNothing("UpstreamErrorTransform", "ApplyAsync"), Of(Telltales.Resource)) { At = [Indiscreet] },
        new("reason phrases stay inside", gateway => gateway.LeavesOut("UpstreamErrorTransform", "ApplyAsync", "IHttpResponseFeature", "set_ReasonPhrase", 2), Of(Telltales.ReasonPhrase)) { At = [Indiscreet] },
        new("nothing is shown that names a destination", gateway => gateway.ReturnsFalse("Destination", "IsNamedIn"), Canaries.IndiscreetDeployment) { At = [Indiscreet] },
        new("a code is shown if it is an identifier", gateway => gateway.ReturnsArgument("UpstreamRefusal", "CodeOf", 0), Of(Telltales.Resource)) { At = [Indiscreet] },
        new("a member is shown if it is one by its name", gateway => gateway.ReturnsArgument("UpstreamRefusal", "ParamOf", 0), Of(Telltales.Resource)) { At = [Indiscreet] },
        new("a goodbye is the gateway's own", gateway => gateway.ReturnsArgument("Relay", "Neutral", 1), Of(Telltales.Resource)) { At = [IndiscreetSocket] },
        new("a goodbye names no destination", gateway => gateway.ReturnsFalse("Destination", "IsNamedIn"), Canaries.IndiscreetDeployment) { At = [IndiscreetSocket] },
        new("what is said before a session holds is judged as well", gateway => gateway.ReturnsTrue("ServerEvents", "MayPass"), Canaries.Quota) { At = [IndiscreetSocket] },
        new("a minted session is reduced to the contract", gateway => gateway.DoesNothing("SessionResponseTransform", "ApplyAsync"), Canaries.Instructions) { At = ["/sessions"] },
        new("a call has an id of the gateway's own", gateway => WithAllResponseHeaders(gateway).DoesNothing("SdpAnswerTransform", "ApplyAsync"), new("the service's id of a call", "")) { At = ["/calls"] },
        new("the id of a call shows nothing of what it carries", gateway => gateway.ReturnsArgument("CallIds", "Encrypt", 1), Canaries.Host) { At = ["/calls"] },
        new("a ticket shows nothing of what it carries", gateway => gateway.ReturnsArgument("TicketSeal", "Encrypt", 1), Canaries.Subject) { At = ["/openai/v1/realtime/client_secrets"] },
        new("no text of an exception is answered", gateway => gateway.LeavesOut("ErrorEnvelope", "UseErrorEnvelope", "ExceptionHandlerExtensions", "UseExceptionHandler", 1), Canaries.Bug),
        new("a call is its owner's", gateway => gateway.ReturnsTrue("CallIds", "IsOf"), new("the id of a call", "")) { At = [Call] },
        new("a session shows what the contract names", gateway => gateway.ReturnsField("Mask", "Of", "Everything"), Canaries.Instructions) { At = ["/realtime"] },
        new("events that echo the session are written anew", gateway => gateway.DoesInstead("UpstreamListener", "RewriteAsync", "PassAsync"), Canaries.Prompt) { At = ["/realtime"] },
        new("events that are nobody's business are dropped", gateway => gateway.DoesInstead("UpstreamListener", "HearAsync", "PassAsync"), Canaries.Quota) { At = ["/realtime"] },
        new("a profile for others is not listed", gateway => gateway.ReturnsTrue("Caller", "MayUse"), Canaries.HiddenProfile) { At = ["/profiles"] },
        new("a profile for others is not described", gateway => gateway.ReturnsTrue("ProxiedRoutes", "IsNoSecret"), Canaries.HiddenProfile) { At = ["/openapi/v1.json"] },
        new("no answer but the page names a host", gateway => gateway.TakesForTrue("SecurityHeaders", "WriteAsync", "String", "StartsWith", 3), Canaries.Host) { At = ["/main.js"] },

        // Towards whoever measures.
        new("metrics of connections name no host", gateway => gateway.ReturnsNull("TelemetryExtensions", "WithoutAddresses"), Canaries.Host) { At = [Things, Metrics] },
        new("a method that nobody knows is no label", gateway => gateway.ReturnsMember("RequestLog", "MethodOf", Request, ("HttpRequest", "get_Method")), Canaries.Method) { At = [Things] },
        new("a way that nobody knows is no label", gateway => gateway.ReturnsMemberOfValue("WebRtcReport", "OneOf", "JsonElement", "GetString"), Canaries.Value) { At = ["/telemetry/webrtc", Metrics] },
        new("what a peer says in the end is no label", gateway => gateway.ReturnsFalse("Ending", "get_IsByPeer"), Of(Telltales.Resource)) { At = [IndiscreetSocket, Metrics] },
        new("a stranger's trace does not go on", gateway => gateway.ReturnsTrue("TraceTrust", "IsTrusted"), Canaries.TraceId) { At = [Things] },

        // Towards whoever reads the log.
        new("the log says nothing of requests but their line", gateway => gateway.LeavesOut("TelemetryExtensions", "AddTelemetry", "FilterLoggingBuilderExtensions", "AddFilter", 2), new("the id of a call", "")) { At = [Call] },
        new("the line of a request names the route and not the path", gateway => gateway
            .AsksInstead("HttpRequest", "get_PathBase", "get_Path")
            .ReturnsMemberAsText("RequestLog", "RouteOf", "PathString", Request, ("HttpRequest", "get_PathBase")), Canaries.Path) { At = [Things] },
        new("callers have other names in the log", gateway => gateway.ReturnsMember("Caller", "get_LogName", ("Caller", "get_Identity")), Canaries.Subject) { At = ["/sessions"] },
        new("the log says not where a request is forwarded to", gateway => gateway, Canaries.Host)
        {
            Settings = settings => settings.Set("Logging:LogLevel:Yarp.ReverseProxy.Forwarder.HttpForwarder", "\"Information\""),
            At = [Things],
        },
        new("nor where nobody was", gateway => gateway.LeavesOut("FailoverMiddleware", "Explain", "Exception", "GetBaseException", 0), Canaries.Host) { At = [Gone] },
        new("nor where nobody was to mint for a call", gateway => gateway.LeavesOut("DestinationRequests", "PostAsync", "Exception", "GetBaseException", 0), Canaries.Host) { At = ["/gonesdpoffer"] },
        new("the log names unknown events by what is a name", gateway => gateway.ReturnsTrue("UnknownEvents", "IsName"), Of(Telltales.Resource)) { At = [IndiscreetSocket] },
        new("the log does not quote what an identity quotes", gateway => gateway.ReturnsMember("EntraCredential", "CauseOf", ("Object", "ToString")), Canaries.Quoted) { At = ["/lost/{**rest}"] },

        // Towards whoever can read Redis.
        new("Redis knows calls by other names", gateway => gateway.ReturnsArgument("CallIds", "NameOf", 0), new("the id of a call", "")) { At = [Call], IsInStore = true },

        // Towards whoever sits before a command.
        new("what looks like a secret is masked", gateway => gateway.ReturnsArgument("Redaction", "Mask", 0), Canaries.QueryKey) { Command = "print-config" },
        new("what stands where a secret may is masked", gateway => gateway.ReturnsArgument("EffectiveSetting", "Show", 1), Canaries.Key) { Command = "print-config" },
        new("the doctor shows no id of a call", gateway => gateway.ReturnsMember("CallLocation", "Describe", ("Uri", "get_OriginalString")), new("the service's id of a call", "")) { Command = ProofCommand.Doctor },
        new("the doctor shows codes alone", gateway => gateway.ReturnsTrue("ErrorShape", "IsCode"), Text) { Command = ProofCommand.Doctor },
        new("the doctor shows members that have names", gateway => gateway.ReturnsTrue("ErrorShape", "IsName"), Text) { Command = ProofCommand.Doctor },
        new("the doctor shows ids alone", gateway => gateway.ReturnsTrue("AnswerHeaders", "IsId"), Text) { Command = ProofCommand.Doctor },
        new("the doctor shows methods and names of headers alone", gateway => gateway.ReturnsTrue("AnswerHeaders", "IsWord"), Text) { Command = ProofCommand.Doctor },
        new("the doctor shows which headers are about quota", gateway => gateway.ReturnsTrue("AnswerHeaders", "IsAboutQuota"), Text) { Command = ProofCommand.Doctor },
        new("the doctor shows no origin", gateway => gateway.ReturnsArgument("RefusedSecret", "Describe", 0), Text) { Command = ProofCommand.Doctor },
        new("the doctor shows no settings of the service", gateway => gateway.ReturnsArgument("ExtraOfMint", "Describe", 0), Text) { Command = ProofCommand.Doctor },
        new("a fault tells no prober a secret", gateway => gateway.ReturnsArgument("ConfigurationFault", "In", 0), Canaries.BobsKey) { At = ["/health/details"], IsOfSpoiltSettings = true },
        new("a fault does not repeat a secret", gateway => gateway.ReturnsArgument("ConfigurationFault", "In", 0), Canaries.Key) { Command = "validate" },
    ];

    /// <summary>Transforms that keep nothing inside, and why.</summary>
    public static IReadOnlyDictionary<string, string> NoRule { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["DestinationTransform"] = "finds the destination that the others take everything from",
        ["SessionProfileTransform"] = "writes the session; what a caller may set is decided before",
        ["SdpOfferTransform"] = "writes the offer, and mints the secret that goes with it",
        ["QueryAllowedTransform"] = "adds what a route names",
        ["NoSessionTransform"] = "refuses where no profile says what a session is",
        ["PlainHeadersTransform"] = "refuses what cannot be sent on",
    };

    private static Canary Of(string telltale) => Canaries.OfTheService.Single(canary => canary.Text == telltale);

    private static Mutation WithAllResponseHeaders(Mutation gateway) =>
        gateway.LeavesOut(Provider, "Apply", Builder, "set_CopyResponseHeaders", 2).DoesNotInsert(Provider, "Apply", "ResponseHeadersAllowedTransform");
}
