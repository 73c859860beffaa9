using Yarp.ReverseProxy.Transforms;

namespace RealtimeGateway.Proxy.Transforms;

/// <summary>Drops the caller's query; what a route wants to pass on it says by <see cref="QueryAllowedTransform"/>.</summary>
internal sealed class EmptyQueryTransform : RequestTransform
{
    public override ValueTask ApplyAsync(RequestTransformContext context)
    {
        if (context.HttpContext.Request.QueryString.HasValue)
            context.Query.Collection.Clear();
        return ValueTask.CompletedTask;
    }
}
