using RealtimeGateway.Sockets;
using RealtimeGateway.Web;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms;

namespace RealtimeGateway.Proxy.Transforms;

/// <summary>
/// Refuses, on a route that has no profile and takes many paths, those where the service mints and opens sessions: the caller would say what the session
/// is, and the gateway's key would pay for it. A route that names such a path means it.
/// </summary>
internal sealed class NoSessionTransform : RequestTransform
{
    private static readonly string[] SessionPaths = ["/openai/v1/realtime/", "/openai/realtime/", "/openai/realtimeapi/"];
    private static readonly string[] PathWords = ["PathSet", "PathPrefix", "PathPattern"];

    public static bool IsNeededOn(RouteConfig route) =>
        SessionTransformFactory.ProfileOf(route) is null && CallTransformFactory.OfferOf(route) is null && SessionEventsFactory.ProfileOf(route) is null
        && !PathsIn(route).Any(IsOfSessions);

    public override ValueTask ApplyAsync(RequestTransformContext context)
    {
        // As the service will read it: one path can be written in many ways.
        var address = RequestUtilities.MakeDestinationAddress(context.DestinationPrefix, context.Path, QueryString.Empty);
        if (IsOfSessions(Uri.UnescapeDataString(address.AbsolutePath)))
            Refusal.Set(context, GatewayError.NotFound);
        return ValueTask.CompletedTask;
    }

    private static IEnumerable<string> PathsIn(RouteConfig route) =>
        (route.Transforms ?? []).SelectMany(transform => PathWords.Select(word => transform.GetValueOrDefault(word))).Append(route.Match.Path).OfType<string>();

    private static bool IsOfSessions(string path)
    {
        var plain = $"/{string.Join('/', path.Split(['/', '\\'], StringSplitOptions.RemoveEmptyEntries))}/";
        return Array.Exists(SessionPaths, known => plain.Contains(known, StringComparison.OrdinalIgnoreCase));
    }
}
