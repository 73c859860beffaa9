using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Transforms.Builder;

namespace RealtimeGateway.Proxy.Transforms;

/// <summary>
/// The word <c>"Session": "replaced"</c> beside <c>SessionProfile</c>, <c>SdpOffer</c> or <c>SessionEvents</c>, on routes for OpenAI's SDKs: where the caller sends a session, the
/// profile's values stand in for what it may not set. Without the word that is refused by name.
/// </summary>
internal static class SessionWord
{
    private const string Replaced = "replaced";

    public static bool Replaces(RouteConfig route) => route.Transforms?.Any(transform => transform.GetValueOrDefault(SessionTransformFactory.SessionKey) is Replaced) is true;

    /// <param name="owner">The word that it stands beside.</param>
    public static void Check(TransformRouteValidationContext context, IReadOnlyDictionary<string, string> transformValues, string owner)
    {
        if (transformValues.TryGetValue(SessionTransformFactory.SessionKey, out var word) && word is not Replaced)
            context.Errors.Add(new ArgumentException($"{owner} with {SessionTransformFactory.SessionKey} \"{word}\" must be one of: {Replaced}"));
    }
}
