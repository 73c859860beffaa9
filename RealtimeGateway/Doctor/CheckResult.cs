namespace RealtimeGateway.Doctor;

/// <summary>How a check ended.</summary>
internal enum Verdict
{
    Ok,
    Failed,

    /// <summary>Something that it needs is not there.</summary>
    Skipped,
}

/// <summary>What a check has seen, before anybody has judged it.</summary>
internal sealed record Observation
{
    /// <summary>One word for what is wrong: a code of the service, a status, or what became of the connection. <c>null</c>: nothing is.</summary>
    public string? Trouble { get; init; }

    /// <summary>For people; never anything that the service wrote.</summary>
    public string? Detail { get; init; }

    /// <summary>0 without an answer.</summary>
    public int Status { get; init; }

    /// <summary>The member of the session that the service did not like.</summary>
    public string? Param { get; init; }

    /// <summary>What Azure support asks for.</summary>
    public string? AzureRequestId { get; init; }
}

/// <summary>One check, judged.</summary>
/// <param name="Check">Its name, from a closed list.</param>
internal sealed record CheckResult(string Check, Verdict Verdict)
{
    public long? Milliseconds { get; init; }

    public string? Detail { get; init; }

    public int? Status { get; init; }

    /// <summary>One word for what is wrong.</summary>
    public string? Trouble { get; init; }

    /// <summary>What is likely the reason.</summary>
    public string? Cause { get; init; }

    /// <summary>Where to change it: a key of the configuration, the variable that it comes from, or a place in Azure.</summary>
    public string? Setting { get; init; }

    public string? AzureRequestId { get; init; }
}

/// <summary>Something that the service's documentation leaves open, and what this resource does.</summary>
/// <param name="Point">A word from a closed list.</param>
internal sealed record Finding(string Point, string Answer);

/// <summary>Everything about one destination.</summary>
internal sealed record DestinationReport(string Cluster, string Name, string Address, string Protocol, string? Deployment)
{
    public bool Ok => Checks.TrueForAll(check => check.Verdict is not Verdict.Failed);

    public List<CheckResult> Checks { get; } = [];

    public List<Finding> Findings { get; } = [];
}
