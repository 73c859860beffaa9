using System.Text;
using RealtimeGateway.Web;
using Yarp.ReverseProxy.Transforms;

namespace RealtimeGateway.Proxy.Transforms;

/// <summary>
/// Refuses what cannot be sent on: the server takes UTF-8 in headers, and the client to the destination writes ASCII only. It would say so as if it were the destination's failure, and a
/// few such requests would take a destination out that is well. So would a header that is longer than the service takes.
/// </summary>
internal sealed class PlainHeadersTransform(string[] passedOn) : RequestTransform
{
    private const int Longest = 4096;

    public override ValueTask ApplyAsync(RequestTransformContext context)
    {
        var headers = context.HttpContext.Request.Headers;
        foreach (var name in passedOn)
        {
            var value = headers[name].ToString();
            if (value.Length <= Longest && Ascii.IsValid(value))
                continue;
            Refusal.Set(context, GatewayError.InvalidRequest.About(name, value.Length <= Longest ? "This header may hold ASCII only." : $"This header may hold {Longest} characters."));
            break;
        }

        return ValueTask.CompletedTask;
    }
}
