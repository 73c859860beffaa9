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

    /// <summary>The command that shows it; <c>null</c> when requests do.</summary>
    public string? Command { get; init; }

    public override string ToString() => Name;
}

/// <summary>Every rule that keeps something inside. One that is not here has nothing to show that it is needed.</summary>
internal static class StripRules
{
    private const string Provider = "ProtectionProvider";
    private const string Builder = "TransformBuilderContext";

    public static IReadOnlyList<StripRule> All { get; } =
    [
        // Towards the service.
        new("request headers are an allow-list", gateway => gateway.LeavesOut(Provider, "Apply", Builder, "set_CopyRequestHeaders", 2), Canaries.Header),
        new("no forwarding header is added", gateway => gateway.LeavesOut(Provider, "Apply", Builder, "set_UseDefaultForwarders", 2), new("header X-Forwarded-Proto", "")),
        new("a caller's credentials go no further", gateway => gateway
            .LeavesOut(Provider, "Apply", Builder, "set_CopyRequestHeaders", 2)
            .LeavesOut("CredentialTransform", "ApplyAsync", "CredentialHeaders", "RemoveFrom", 1), Canaries.SubscriptionKey),
        new("a caller's credential is taken off the request where it is checked", gateway => gateway.LeavesOut("PresentedCredential", "Take", "IHeaderDictionary", "set_Authorization", 2), Canaries.AlicesKey),
        new("a caller's query goes no further", gateway => gateway.DoesNothing("EmptyQueryTransform", "ApplyAsync"), Canaries.QueryKey),
        new("no tunnel is opened", gateway => gateway.DoesNothing("NoTunnelTransform", "ApplyAsync"), new("header Upgrade", "")),
        new("trace context goes no further", gateway => gateway.LeavesOut("DestinationClient", "ConfigureHandler", "SocketsHttpHandler", "set_ActivityHeadersPropagator", 2), new("header traceparent", "")),

        // Towards the caller.
        new("response headers are an allow-list", WithAllResponseHeaders, Of(Telltales.Region)),
        new("error bodies stay inside", gateway => gateway.DoesNothing("UpstreamErrorTransform", "ApplyAsync"), Of(Telltales.Resource)),
        new("reason phrases stay inside", gateway => gateway.LeavesOut("UpstreamErrorTransform", "ApplyAsync", "IHttpResponseFeature", "set_ReasonPhrase", 2), Of(Telltales.ReasonPhrase)),
        new("a minted session is reduced to the contract", gateway => gateway.DoesNothing("SessionResponseTransform", "ApplyAsync"), Canaries.Instructions),
        new("a call has an id of the gateway's own", gateway => WithAllResponseHeaders(gateway).DoesNothing("SdpAnswerTransform", "ApplyAsync"), new("the service's id of a call", "")),
        new("no text of an exception is answered", gateway => gateway.LeavesOut("ErrorEnvelope", "UseErrorEnvelope", "ExceptionHandlerExtensions", "UseExceptionHandler", 1), Canaries.Bug),
        new("a call is its owner's", gateway => gateway.ReturnsTrue("CallIds", "IsOf"), new("the id of a call", "")),
        new("a session shows what the contract names", gateway => gateway.ReturnsField("Mask", "Of", "Everything"), Canaries.Instructions),
        new("events that echo the session are written anew", gateway => gateway.DoesInstead("UpstreamListener", "RewriteAsync", "PassAsync"), Canaries.Prompt),
        new("events that are nobody's business are dropped", gateway => gateway.DoesInstead("UpstreamListener", "HearAsync", "PassAsync"), Canaries.Quota),
        new("a profile for others is not listed", gateway => gateway.ReturnsTrue("Caller", "MayUse"), Canaries.HiddenProfile),
        new("a profile for others is not described", gateway => gateway.ReturnsTrue("ProxiedRoutes", "IsNoSecret"), Canaries.HiddenProfile),

        // Towards whoever measures.
        new("metrics of connections name no host", gateway => gateway.ReturnsNull("TelemetryExtensions", "WithoutAddresses"), Canaries.Host),
        new("a stranger's trace does not go on", gateway => gateway.ReturnsTrue("TraceTrust", "IsTrusted"), Canaries.TraceId),

        // Towards whoever reads the log.
        new("the log says nothing of requests but their line", gateway => gateway.LeavesOut("TelemetryExtensions", "AddTelemetry", "FilterLoggingBuilderExtensions", "AddFilter", 2), new("the id of a call", "")),
        new("the log says not where a request is forwarded to", gateway => gateway, Canaries.Host)
        {
            Settings = settings => settings.Set("Logging:LogLevel:Yarp.ReverseProxy.Forwarder.HttpForwarder", "\"Information\""),
        },

        // Towards whoever sits before a command.
        new("what looks like a secret is masked", gateway => gateway.ReturnsArgument("Redaction", "Mask", 0), Canaries.QueryKey) { Command = "print-config" },
        new("what stands where a secret may is masked", gateway => gateway.ReturnsArgument("EffectiveSetting", "Show", 1), Canaries.Key) { Command = "print-config" },
        new("a fault does not repeat a secret", gateway => gateway.ReturnsArgument("ConfigurationFault", "In", 0), Canaries.Key) { Command = "validate" },
    ];

    /// <summary>Transforms that keep nothing inside, and why.</summary>
    public static IReadOnlyDictionary<string, string> NoRule { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["DestinationTransform"] = "finds the destination that the others take everything from",
        ["SessionProfileTransform"] = "writes the session; what a caller may set is decided before",
        ["SdpOfferTransform"] = "writes the offer, and mints the secret that goes with it",
        ["QueryAllowedTransform"] = "adds what a route names",
        ["PlainHeadersTransform"] = "refuses what cannot be sent on",
    };

    private static Canary Of(string telltale) => Canaries.OfTheService.Single(canary => canary.Text == telltale);

    private static Mutation WithAllResponseHeaders(Mutation gateway) =>
        gateway.LeavesOut(Provider, "Apply", Builder, "set_CopyResponseHeaders", 2).DoesNotInsert(Provider, "Apply", "ResponseHeadersAllowedTransform");
}
