using RealtimeGateway.Web;
using Yarp.ReverseProxy.Transforms;

namespace RealtimeGateway.Proxy.Transforms;

/// <summary>How a request transform refuses: any status but 200 makes YARP forward nothing; the <see cref="OutcomeMiddleware"/> writes the error.</summary>
internal static class Refusal
{
    /// <summary>It is no destination's doing.</summary>
    public static void Set(RequestTransformContext context, GatewayError error)
    {
        Exchange.Of(context.HttpContext).Fail(error);
        context.HttpContext.Response.StatusCode = error.Status;
    }

    /// <summary>It is this destination's doing; another one may do better.</summary>
    public static void Set(RequestTransformContext context, UpstreamFailure failure)
    {
        Exchange.Of(context.HttpContext).Fail(failure);
        context.HttpContext.Response.StatusCode = failure.Error.Status;
    }
}
