using RealtimeGateway.Web;
using Yarp.ReverseProxy.Transforms;

namespace RealtimeGateway.Proxy.Transforms;

/// <summary>How a request transform refuses: any status but 200 makes YARP forward nothing; the <see cref="OutcomeMiddleware"/> writes the error.</summary>
internal static class Refusal
{
    public static void Set(RequestTransformContext context, GatewayError error)
    {
        Exchange.Of(context.HttpContext).Fail(error);
        context.HttpContext.Response.StatusCode = error.Status;
    }
}
