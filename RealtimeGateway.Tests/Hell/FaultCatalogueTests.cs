using RealtimeGateway.Simulator.Breaking;

namespace RealtimeGateway.Tests.Hell;

/// <summary>
/// Every fault of the simulator on every operation that the gateway asks it for, alone and some over another: the answer of the table of errors, in time, nothing
/// left open, and the next request goes well.
/// </summary>
public sealed class FaultCatalogueTests
{
    private const int Pairs = 25;

    // What each fault comes to; of the first that fits. What is not in here must still be an answer of the table.
    private static readonly (string Way, string Fault, string Outcome)[] Table =
    [
        ("hangUps", "status 404 call", "204"), ("hangUps", "status 404 empty", "204"),
        ("*", "status 30", "502 upstream_misconfigured"),
        ("*", "status 400", "400 upstream_rejected"),
        ("*", "status 401", "502 upstream_misconfigured"),
        ("*", "status 403", "502 upstream_misconfigured"),
        ("*", "status 404", "502 upstream_misconfigured"),
        ("*", "status 408", "504 upstream_timeout"),
        ("*", "status 429", "429 upstream_rate_limited"),
        ("*", "status 431", "502 upstream_misconfigured"),
        ("*", "status 504", "504 upstream_timeout"),
        ("*", "status 5", "502 upstream_unavailable"),
        ("*", "delay", "ok"), ("*", "late", "ok"),
        ("*", "hang", "504 upstream_timeout"), ("*", "hangMidBody", "504 upstream_timeout"),
        ("hangUps", "reset", "502 upstream_unavailable"), ("*", "resetMidBody", "502 upstream_invalid_response"), ("*", "reset", "502 upstream_unavailable"),
        ("hangUps", "*", "204"), // whatever a 200 says
        ("*", "truncatedGzip", "502 upstream_invalid_response"), ("*", "truncated", "502 upstream_invalid_response"),
        ("calls", "cutJson", "ok"), // half a description is one
        ("*", "cutJson", "502 upstream_invalid_response"),
        ("*", "html", "502 upstream_invalid_response"), ("*", "empty", "502 upstream_invalid_response"),
        ("*", "garbage", "502 upstream_invalid_response"), ("*", "oversized", "502 upstream_invalid_response"),
        ("*", "gzip", "ok"), ("*", "chunked", "ok"), ("*", "created", "ok"), ("*", "ok", "ok"), ("*", "absoluteLocation", "ok"), ("*", "nestedSecret", "ok"), ("*", "extraMembers", "ok"),
        ("calls", "missingId", "201, ended 502 upstream_invalid_response"), ("*", "missingId", "502 upstream_invalid_response"), // there is no session without one
    ];

    [Fact]
    public async Task Every_fault_becomes_the_answer_of_the_table()
    {
        string[] wrong = [.. (await Task.WhenAll(Way.All.Select(ExhaustAsync))).SelectMany(lines => lines)];
        Assert.True(wrong.Length == 0, string.Join('\n', wrong));
    }

    [Fact]
    public Task So_do_two_at_once() => Task.WhenAll(Way.All.Select(TryPairsAsync));

    private static async Task<IReadOnlyList<string>> ExhaustAsync(Way way)
    {
        await using var region = await BrokenRegion.StartAsync(way);
        var wrong = new List<string>();
        foreach (var fault in Troubles.Of(way.Operation))
        {
            var outcome = await region.SufferAsync(fault);
            if (!IsExpected(way, fault, outcome))
                wrong.Add($"{way.Name}, {Troubles.Name(fault)}: {outcome}");
        }

        return wrong;
    }

    private static async Task TryPairsAsync(Way way)
    {
        await using var region = await BrokenRegion.StartAsync(way);
        var faults = Troubles.Of(way.Operation);
        // The same in every run, spread over all of them.
        for (var i = 0; i < Pairs; i++)
        {
            var fault = faults[7 * i % faults.Count] with { Beneath = faults[((11 * i) + 3) % faults.Count] with { Operation = FaultOperation.Any } };
            Assert.True(way.IsAnswer(await region.SufferAsync(fault)), $"{way.Name}, {Troubles.Name(fault)}");
        }
    }

    private static bool IsExpected(Way way, Fault fault, string outcome)
    {
        var (_, _, expected) = Table.FirstOrDefault(row => row.Way is "*" || row.Way == way.Name ? row.Fault is "*" || Troubles.Name(fault).StartsWith(row.Fault, StringComparison.Ordinal) : false);
        return expected switch
        {
            null => way.IsAnswer(outcome),
            "ok" => outcome == way.Success,
            _ => outcome.Replace("201, ended ", "", StringComparison.Ordinal) == expected || outcome == expected,
        };
    }
}
