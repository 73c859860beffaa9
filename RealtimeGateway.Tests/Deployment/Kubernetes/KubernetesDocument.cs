using System.Text.RegularExpressions;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Deployment.Kubernetes;

/// <summary>The secret that <c>docs/kubernetes.md</c> has an operator make by hand.</summary>
internal static partial class KubernetesDocument
{
    private static readonly string Text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "kubernetes.md"));

    public static string Secret { get; } = SecretName().Match(Text).Groups["name"].Value;

    /// <summary>The names of the settings in it.</summary>
    public static IReadOnlyList<string> SecretKeys { get; } = [.. SecretKey().Matches(Text).Select(match => match.Groups["key"].Value).Distinct()];

    [GeneratedRegex(@"create secret generic (?<name>[a-z-]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SecretName();

    [GeneratedRegex(@"--from-literal=(?<key>\w+)=", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SecretKey();
}
