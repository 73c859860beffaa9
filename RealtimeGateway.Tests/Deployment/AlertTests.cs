using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RealtimeGateway.Tests.Infrastructure;
using RealtimeGateway.Web;

namespace RealtimeGateway.Tests.Deployment;

/// <summary>The rules for alerts, judged by Prometheus' own tool, and where they send an operator.</summary>
public sealed partial class AlertTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "deploy", "prometheus");

    private static string Rules => File.ReadAllText(Path.Combine(Folder, "alerts.yaml"));

    [Theory]
    [InlineData("check", "config", "prometheus.yaml")]
    [InlineData("check", "rules", "alerts.yaml")]
    [InlineData("test", "rules", "alerts.test.yaml")]
    public async Task Prometheus_takes_them_and_they_go_off_when_they_should(params string[] arguments)
    {
        var start = new ProcessStartInfo("promtool", arguments) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        using var promtool = Process.Start(start)!;
        var (output, error) = (promtool.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), promtool.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await promtool.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(promtool.ExitCode == 0, $"{await output}{await error}");
    }

    [Fact]
    public void Every_alert_has_a_test_and_a_section_for_the_operator()
    {
        var tests = File.ReadAllText(Path.Combine(Folder, "alerts.test.yaml"));
        var operations = File.ReadAllText(Path.Combine(Repository.Root, "docs", "operations.md"));
        var anchors = Heading().Matches(operations).Select(heading => heading.Groups["title"].Value.Trim().ToLowerInvariant().Replace(' ', '-')).ToHashSet(StringComparer.Ordinal);
        var alerts = Alert().Matches(Rules).Select(match => match.Groups["name"].Value).ToArray();

        Assert.Equal(11, alerts.Length);
        Assert.All(alerts, name => Assert.Contains($"alertname: {name}", tests, StringComparison.Ordinal));
        var runbooks = Runbook().Matches(Rules).Select(match => match.Groups["anchor"].Value).ToArray();
        Assert.Equal(alerts.Length, runbooks.Length);
        Assert.All(runbooks, anchor => Assert.Contains(anchor, anchors));
    }

    [Fact]
    public void The_error_budget_knows_every_fault_of_the_gateways_own()
    {
        string[] sessions = ["gateway_no_destination", "gateway_tickets_unavailable", "gateway_too_many_sockets", "gateway_upstream_misconfigured"];
        string[] rejections = ["gateway_internal_error", "gateway_issuer_away", "gateway_keys_unavailable", "gateway_limits_unavailable"];
        var reasons = typeof(GatewayError).GetFields().Select(field => field.GetValue(null)).OfType<GatewayError>().Select(error => error.Reason);

        Assert.Equal(
            ["gateway_draining", .. rejections.Concat(sessions).Order(StringComparer.Ordinal)],
            reasons.Where(reason => reason.StartsWith("gateway_", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        var counted = Assert.Single(Reason().Matches(Rules).Select(match => match.Groups["words"].Value).Distinct());
        Assert.Equal(rejections, counted.Split('|').Select(word => "gateway_" + word));
    }

    [Fact]
    public void The_board_names_no_source_of_its_own_and_no_panel_twice()
    {
        var board = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "deploy", "grafana", "realtime-gateway.json")))!;
        var panels = board["panels"]!.AsArray();

        Assert.All(panels.Where(panel => panel!["targets"] is not null), panel => Assert.Equal("${datasource}", (string?)panel!["datasource"]!["uid"]));
        Assert.Distinct(panels.Select(panel => (int)panel!["id"]!));
        Assert.Distinct(panels.Select(panel => (string)panel!["title"]!));
        Assert.All(panels, panel => Assert.True((int)panel!["gridPos"]!["x"]! + (int)panel["gridPos"]!["w"]! <= 24));
    }

    [GeneratedRegex(@"^\s+- alert: (?<name>\w+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Alert();

    [GeneratedRegex(@"reason=~""gateway_\((?<words>[a-z_|]+)\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Reason();

    [GeneratedRegex(@"runbook: docs/operations\.md#(?<anchor>[a-z-]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Runbook();

    [GeneratedRegex(@"^#+ (?<title>.+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Heading();
}
