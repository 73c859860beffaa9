using RealtimeGateway.Simulator.Breaking;
using RealtimeGateway.Tests.Infrastructure;
using RealtimeGateway.Web;

namespace RealtimeGateway.Tests.LeakProof;

/// <summary>
/// Nothing comes out that should stay inside: every endpoint of the shipped settings, whatever the service does and whatever callers do wrong, and all that is answered, sent
/// on, logged, measured and traced.
/// </summary>
[Collection(nameof(SharedSurroundings))]
public sealed class LeakProofTests(SharedSurroundings surroundings)
{
    /// <summary>Every effect with every status and body that the simulator knows; one that is new joins by itself.</summary>
    internal static IEnumerable<Fault> Faults =>
        from effect in FaultEffect.All
        from fault in effect == FaultEffect.Status ? Statuses : [new() { Effect = effect, DelayMs = effect.Takes.Contains("delayMs") ? 20 : null }]
        select fault;

    private static IEnumerable<Fault> Statuses =>
        from status in StatusAnswers.Statuses
        from variant in StatusAnswers.VariantsOf(status)
        select new Fault { Effect = FaultEffect.Status, Status = status, Variant = variant };

    /// <summary>What a fault of all operations does not reach, since another one comes first and fails; operations that are asked for at once are met by it.</summary>
    private static IEnumerable<FaultOperation> Operations =>
        Enum.GetValues<FaultOperation>().Except([FaultOperation.Mint, FaultOperation.Socket, FaultOperation.Hangup, FaultOperation.Sideband]);

    [Fact]
    public async Task Nothing_comes_out_whatever_goes_wrong()
    {
        await using var world = await World.StartAsync(surroundings.Value);

        await world.Journeys.VisitAllAsync();
        await Refusals.ProvokeAsync(world);
        foreach (var fault in Faults)
        {
            foreach (var operation in Operations.Where(fault.Effect.Meets))
                await world.BreakAsync(fault with { Operation = operation });
        }

        await Refusals.LeaveAsync(world);
        await Refusals.SpoilAsync(world);
        await world.Journeys.VisitAllAsync();
        await Refusals.FailAsync(world);

        await using var store = await Store.StartAsync();
        await using var replica = await World.StartAsync(surroundings.Value, change: settings =>
        {
            store.Plant(settings);
            settings.Set("Inbound:MaxWebSockets", "1");
        });
        await Refusals.FillAsync(replica);
        await replica.VisitOnceAsync();
        await store.TellToAsync(replica.Findings);
        await Refusals.LoseAsync(replica, store);

        world.Findings.AssertNoLeak();
        replica.Findings.AssertNoLeak();
        AssertAllWasSeen(world);
        Assert.Empty(Reasons.Except(world.Reasons).Except(replica.Reasons));
    }

    /// <summary>Why the gateway may refuse or fail.</summary>
    private static IEnumerable<string> Reasons => Errors.Select(error => error.Reason);

    private static IEnumerable<GatewayError> Errors => typeof(GatewayError).GetFields().Select(one => one.GetValue(null)).OfType<GatewayError>();

    private static void AssertAllWasSeen(World world)
    {
        // Nobody is there to read that a caller has gone.
        Assert.Empty(Errors.Select(error => error.Code).Except([GatewayError.CallerGone.Code]).Except(world.Journeys.Codes));
        Assert.Empty(Canaries.OfTheGateway.Except(world.Findings.Found));
        Assert.All(world.Journeys.Endpoints, endpoint => Assert.Contains(world.Findings.Seen, seen =>
            seen.Audience is Audience.Caller && seen.Where.StartsWith($"{endpoint.Method} {endpoint.Pattern} ", StringComparison.Ordinal)));
    }
}
