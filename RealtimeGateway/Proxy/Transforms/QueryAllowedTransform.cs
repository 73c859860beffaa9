using RealtimeGateway.Credentials;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace RealtimeGateway.Proxy.Transforms;

/// <summary>Passes on the named query values of the caller: <c>{ "QueryAllowed": "limit;after" }</c>.</summary>
internal sealed class QueryAllowedTransform(IReadOnlyList<string> names) : RequestTransform
{
    public override ValueTask ApplyAsync(RequestTransformContext context)
    {
        var query = context.HttpContext.Request.Query;
        foreach (var name in names)
        {
            if (query.TryGetValue(name, out var value))
                context.Query.Collection[name] = value;
        }

        return ValueTask.CompletedTask;
    }
}

/// <summary>Reads <c>QueryAllowed</c> from a route's transforms.</summary>
internal sealed class QueryAllowedFactory : ITransformFactory
{
    public const string Key = "QueryAllowed";

    public bool Validate(TransformRouteValidationContext context, IReadOnlyDictionary<string, string> transformValues)
    {
        if (!transformValues.TryGetValue(Key, out var value))
            return false;
        var names = Split(value);
        if (names.Length == 0)
            context.Errors.Add(new ArgumentException($"{Key} must name query values, separated by semicolons"));
        if (names.Contains(ApiKeyCredential.HeaderName, StringComparer.OrdinalIgnoreCase))
            context.Errors.Add(new ArgumentException($"{Key} names {ApiKeyCredential.HeaderName}, which carries a credential and never reaches a destination"));
        return true;
    }

    public bool Build(TransformBuilderContext context, IReadOnlyDictionary<string, string> transformValues)
    {
        if (!transformValues.TryGetValue(Key, out var value))
            return false;
        context.RequestTransforms.Add(new QueryAllowedTransform(Split(value)));
        return true;
    }

    private static string[] Split(string? value) => (value ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
