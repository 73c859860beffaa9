extern alias AzureSdk;

using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;
using AzureSdk::Azure.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RealtimeGateway.Credentials;

namespace RealtimeGateway.Tests.Credentials;

public sealed class RedactionTests
{
    private const string Canary = "canary-0123456789";

    // What an operator names and may read. Every other text that a type of this folder is made of counts as a secret.
    private static readonly string[] Harmless = ["name", "header", "cause", "state"];

    public static TheoryData<Type> Types => [.. typeof(ICredential).Assembly.GetTypes().Where(MayHoldSecrets)];

    [Fact]
    public void All_that_hold_secrets_are_looked_at() => Assert.All(
        new[] { typeof(ApiKeyOptions), typeof(EntraOptions), typeof(ApiKey), typeof(ApiKeyRing), typeof(ApiKeyCredential), typeof(EntraCredential), typeof(BearerToken), typeof(Proof), typeof(EphemeralSecret) },
        type => Assert.True(MayHoldSecrets(type), type.Name));

    [Theory]
    [MemberData(nameof(Types))]
    public void Nothing_shows_a_secret_as_text_or_in_a_debugger(Type type)
    {
        var instance = FilledWithCanaries(type);

        Assert.DoesNotContain(Canary, instance.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, $"{instance}", StringComparison.Ordinal);
        if (type.GetCustomAttribute<DebuggerDisplayAttribute>() is { } display)
            Assert.Contains(display.Value, new[] { "***", "{ToString(),nq}" });
    }

    [Fact]
    public void An_exception_about_a_credential_says_no_more_than_its_name_and_cause() =>
        Assert.Equal("Credential west has no token: timeout", new CredentialAwayException("west", "timeout").Message);

    private static bool MayHoldSecrets(Type type) =>
        type is { IsClass: true, IsAbstract: false, IsNested: false } && !type.IsDefined(typeof(CompilerGeneratedAttribute)) && !typeof(Delegate).IsAssignableFrom(type)
        && (type.Namespace == typeof(ICredential).Namespace || (type.Assembly == typeof(ICredential).Assembly && type.Name.EndsWith("Options", StringComparison.Ordinal)));

    private static object FilledWithCanaries(Type type)
    {
        if (type == typeof(BearerToken))
            return BearerToken.Of(new AccessToken(Canary, DateTimeOffset.MaxValue), DateTimeOffset.UnixEpoch)!;

        var constructor = type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Where(candidate => candidate.GetParameters() is not [var only] || only.ParameterType != type) // a record's copy of itself
            .MaxBy(candidate => candidate.GetParameters().Length)!;
        var instance = constructor.Invoke([.. constructor.GetParameters().Select(Argument)]);
        foreach (var property in type.GetProperties().Where(property => property.CanWrite && property.PropertyType == typeof(string) && !IsHarmless(property.Name)))
            property.SetValue(instance, Canary);
        return instance;
    }

    private static bool IsHarmless(string name) => Harmless.Contains(name, StringComparer.OrdinalIgnoreCase);

    private static object? Argument(ParameterInfo parameter) => parameter.ParameterType switch
    {
        var type when type == typeof(string) => IsHarmless(parameter.Name!) ? "harmless" : Canary,
        var type when type == typeof(IReadOnlyList<string>) => new[] { Canary, Canary + "2" },
        var type when type == typeof(EntraOptions) => new EntraOptions { ClientId = Canary, TenantId = Canary },
        var type when type == typeof(TimeProvider) => TimeProvider.System,
        var type when type == typeof(ILogger) => NullLogger.Instance,
        var type when type == typeof(ILoggerFactory) => NullLoggerFactory.Instance,
        var type when type == typeof(TokenCredential) => new ScriptedTokens(),
        { IsValueType: true } type => Activator.CreateInstance(type),
        _ => null,
    };
}
