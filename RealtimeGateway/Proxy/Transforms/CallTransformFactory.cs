using RealtimeGateway.Calls;
using RealtimeGateway.Configuration;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Transforms.Builder;

namespace RealtimeGateway.Proxy.Transforms;

/// <summary>
/// The vocabulary of a route that begins calls: <c>{ "SdpOffer": "assistant" }</c>, with <c>"Session": "replaced"</c> where OpenAI's SDKs call, and
/// <c>{ "SdpAnswer": "call" }</c>.
/// </summary>
internal sealed class CallTransformFactory(
    LiveConfiguration live, DestinationRequests requests, CallIds ids, ActiveCalls active, OrphanedCalls orphans, TimeProvider time, ILoggerFactory loggers) : ITransformFactory
{
    public const string OfferKey = "SdpOffer";
    public const string AnswerKey = "SdpAnswer";
    private const string CallShape = "call";

    /// <summary>What the route does with offers; <c>null</c> when it takes none.</summary>
    public static OfferSettings? OfferOf(RouteConfig route) =>
        route.Transforms?.FirstOrDefault(transform => transform.ContainsKey(OfferKey)) is { } offer
            ? new(offer[OfferKey] ?? "", SessionWord.Replaces(route))
            : null;

    public bool Validate(TransformRouteValidationContext context, IReadOnlyDictionary<string, string> transformValues)
    {
        if (transformValues.TryGetValue(OfferKey, out var profile))
        {
            RouteProfileRules.Check(context, live.Of(context.Route), OfferKey, profile);
            CheckOffer(context, transformValues);
            return true;
        }

        if (!transformValues.TryGetValue(AnswerKey, out var shape))
            return false;
        if (shape is not CallShape)
            context.Errors.Add(new ArgumentException($"{AnswerKey} \"{shape}\" must be one of: {CallShape}"));
        if (!Has(context, OfferKey))
            context.Errors.Add(new ArgumentException($"{AnswerKey} needs {OfferKey} on the same route"));
        return true;
    }

    public bool Build(TransformBuilderContext context, IReadOnlyDictionary<string, string> transformValues)
    {
        if (transformValues.ContainsKey(OfferKey))
        {
            context.RequestTransforms.Add(new SdpOfferTransform(new(loggers.CreateLogger<Minting>()), requests, orphans, time, loggers.CreateLogger<SdpOfferTransform>()));
            return true;
        }

        if (!transformValues.ContainsKey(AnswerKey))
            return false;
        context.ResponseTransforms.Add(new SdpAnswerTransform(ids, active, orphans, time, loggers.CreateLogger<SdpAnswerTransform>()));
        return true;
    }

    private static void CheckOffer(TransformRouteValidationContext context, IReadOnlyDictionary<string, string> transformValues)
    {
        SessionWord.Check(context, transformValues, OfferKey);
        if (!Has(context, AnswerKey))
            context.Errors.Add(new ArgumentException($"{OfferKey} needs {AnswerKey} on the same route: the upstream names the call by an id of its own"));
        if (Has(context, SessionTransformFactory.ProfileKey))
            context.Errors.Add(new ArgumentException($"{OfferKey} and {SessionTransformFactory.ProfileKey} exclude each other on one route"));
        if (context.Route.Match.Methods is not ["POST"])
            context.Errors.Add(new ArgumentException($"{OfferKey} needs Match:Methods to be POST alone"));
    }

    private static bool Has(TransformRouteValidationContext context, string key) => context.Route.Transforms!.Any(transform => transform.ContainsKey(key));
}
