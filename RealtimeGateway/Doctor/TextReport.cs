using System.Globalization;

namespace RealtimeGateway.Doctor;

/// <summary>What people read, line by line as it becomes known.</summary>
internal sealed class TextReport(TextWriter output)
{
    public void Begin(PlannedDestination planned)
    {
        var (destination, protocol) = (planned.Destination, planned.Destination.Dialect.ApiVersion is { } version ? $"preview {version}" : "ga");
        output.WriteLine();
        output.WriteLine($"{destination.Cluster}/{destination.Name}  {destination.Address}  {protocol}");
    }

    public void Tell(CheckResult check)
    {
        var verdict = check.Verdict switch { Verdict.Ok => "ok", Verdict.Failed => "FAILED", _ => "skipped" };
        var took = check.Milliseconds is { } milliseconds ? string.Create(CultureInfo.InvariantCulture, $"{milliseconds} ms") : "";
        string?[] facts = [check.Status?.ToString(CultureInfo.InvariantCulture), check.Trouble == $"{check.Status}" ? null : check.Trouble, check.Detail, Id(check)];
        output.WriteLine($"  {verdict,-8}{check.Check,-11}{took,9}  {string.Join(", ", facts.OfType<string>())}".TrimEnd());
        if (check.Cause is not null)
            output.WriteLine($"          likely:  {check.Cause}{Environment.NewLine}          change:  {check.Setting}");
    }

    public void End(DestinationReport report)
    {
        if (report.Findings.Count > 0)
            output.WriteLine("  This resource:");
        foreach (var finding in report.Findings)
            output.WriteLine($"    {finding.Point,-24}{finding.Answer}");
    }

    public void Conclude(DoctorAnswer answer)
    {
        var failed = answer.Destinations.Sum(report => report.Checks.Count(check => check.Verdict is Verdict.Failed));
        output.WriteLine();
        output.WriteLine(answer.Ok ? "Every destination gives what the gateway needs." : $"{failed} check(s) failed.");
    }

    private static string? Id(CheckResult check) => check is { Verdict: Verdict.Failed, AzureRequestId: { } id } ? $"apim-request-id {id}" : null;
}
