using System.Text;
using RealtimeGateway.Web;
using Yarp.ReverseProxy.Transforms;

namespace RealtimeGateway.Proxy.Transforms;

/// <summary>
/// Refuses what cannot be sent on: the server takes UTF-8 in headers, and the client to the destination writes ASCII only. It would say so as if it were the destination's failure, and a
/// few such requests would take a destination out that is well.
/// </summary>
internal sealed class PlainHeadersTransform(string[] passedOn) : RequestTransform
{
    public override ValueTask ApplyAsync(RequestTransformContext context)
    {
        var headers = context.HttpContext.Request.Headers;
        foreach (var name in passedOn)
        {
            if (Ascii.IsValid(headers[name].ToString()))
                continue;
            Refusal.Set(context, GatewayError.InvalidRequest.About(name, "This header may hold ASCII only."));
            break;
        }

        return ValueTask.CompletedTask;
    }
}
