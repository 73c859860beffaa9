extern alias AzureSdk;

using System.Linq.Expressions;
using AzureSdk::Azure.Core;

namespace RealtimeGateway.Tests.LeakProof;

/// <summary>An identity in Entra ID that always has the same token, or none and an exception that quotes what was said.</summary>
internal sealed class GivenToken(string? tenant) : TokenCredential
{
    /// <summary>The tenant where there is no token to be had.</summary>
    public const string TenantOfNobody = "nobody.example";

    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => tenant is TenantOfNobody
        ? throw new InvalidOperationException($"The issuer has answered: {Canaries.Quoted.Text}")
        : new(Canaries.EntraToken.Text, DateTimeOffset.UtcNow.AddDays(365));

    public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(GetToken(requestContext, cancellationToken));

    /// <summary>As what the gateway asks for it: a delegate of this type, which a mutant has for itself.</summary>
    public static Delegate As(Type factory)
    {
        var settings = factory.GetMethod("Invoke")!.GetParameters().Select(parameter => Expression.Parameter(parameter.ParameterType, parameter.Name)).Single();
        var identity = Expression.New(typeof(GivenToken).GetConstructors().Single(), Expression.Property(settings, "TenantId"));
        return Expression.Lambda(factory, Expression.Convert(identity, factory.GetMethod("Invoke")!.ReturnType), settings).Compile();
    }
}
