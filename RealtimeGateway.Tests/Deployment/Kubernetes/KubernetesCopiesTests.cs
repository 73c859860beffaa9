using System.Text.RegularExpressions;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Deployment.Kubernetes;

/// <summary>kustomize reads no file above its folder, so two files stand there a second time.</summary>
public sealed partial class KubernetesCopiesTests
{
    private const string Update = "UPDATE_KUBERNETES=1 dotnet test --project RealtimeGateway.Tests -- --filter-class \"*KubernetesCopiesTests\"";

    [Fact]
    public Task The_settings_of_the_base_are_the_shipped_ones() => IsAsync(
        Path.Combine(Manifests.Folder, "base", "appsettings.json"),
        Read("appsettings.json").Replace("\"./appsettings.schema.json\"", "\"../../../appsettings.schema.json\"", StringComparison.Ordinal));

    [Fact]
    public Task The_rules_of_the_operator_are_those_of_Prometheus() => IsAsync(
        Path.Combine(Manifests.Folder, "components", "monitoring", "rules.yaml"),
        $"""
        # Made from deploy/prometheus/alerts.yaml: {Update}
        apiVersion: monitoring.coreos.com/v1
        kind: PrometheusRule
        metadata:
          name: realtime-gateway
          labels:
            app.kubernetes.io/name: realtime-gateway
        spec:
        {LineStart().Replace(Read("deploy/prometheus/alerts.yaml"), "  ")}
        """);

    private static async Task IsAsync(string file, string expected)
    {
        if (Environment.GetEnvironmentVariable("UPDATE_KUBERNETES") is "1")
            await File.WriteAllTextAsync(file, expected, TestContext.Current.CancellationToken);

        Assert.True(expected == await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), $"{file} is out of date; write it anew with: {Update}");
    }

    private static string Read(string file) => File.ReadAllText(Path.Combine(Repository.Root, file));

    [GeneratedRegex("^(?=.)", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LineStart();
}
