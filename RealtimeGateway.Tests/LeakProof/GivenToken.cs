extern alias AzureSdk;

using System.Linq.Expressions;
using AzureSdk::Azure.Core;

namespace RealtimeGateway.Tests.LeakProof;

/// <summary>An identity in Entra ID that always has the same token.</summary>
internal sealed class GivenToken : TokenCredential
{
    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(Canaries.EntraToken.Text, DateTimeOffset.UtcNow.AddDays(365));

    public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(GetToken(requestContext, cancellationToken));

    /// <summary>As what the gateway asks for it: a delegate of this type, which a mutant has for itself.</summary>
    public static Delegate As(Type factory)
    {
        var settings = factory.GetMethod("Invoke")!.GetParameters().Select(parameter => Expression.Parameter(parameter.ParameterType, parameter.Name)).ToArray();
        return Expression.Lambda(factory, Expression.Convert(Expression.Constant(new GivenToken()), factory.GetMethod("Invoke")!.ReturnType), settings).Compile();
    }
}
