using System.Text.Json.Nodes;
using RealtimeGateway.Proxy.Transforms;
using Yarp.ReverseProxy.Transforms;

namespace RealtimeGateway.Tests.LeakProof;

/// <summary>The proof proves itself: without any one of the rules something comes out, and it is seen.</summary>
[Collection(nameof(SharedSurroundings))]
public sealed class StripRuleTests(SharedSurroundings surroundings)
{
    public static TheoryData<string> Rules => [.. StripRules.All.Select(rule => rule.Name)];

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task Something_comes_out_without_the_rule_that(string rule)
    {
        var known = StripRules.All.Single(known => known.Name == rule);
        var mutant = known.Without(new(typeof(Program).Assembly)).Image;

        var findings = known.Command is { } command ? await ProofCommand.RunAsync(command, surroundings.Value, mutant)
            : known.IsInStore ? await VisitWithStoreAsync(mutant, known.At)
            : known.IsOfSpoiltSettings ? await VisitSpoiltAsync(mutant, known.At)
            : await VisitAsync(mutant, known.At, known.Settings);

        Assert.True(
            findings.Leaks.Any(leak => leak.EndsWith(known.Shows.Name, StringComparison.Ordinal)
                && (!known.IsOfSpoiltSettings || leak.StartsWith($"{Audience.Caller}, GET {known.At[0]} ", StringComparison.Ordinal))),
            $"{known.Shows.Name} is not among: {string.Join('\n', findings.Leaks)}");
    }

    [Fact]
    public async Task Nothing_comes_out_of_the_same_visit_with_all_of_them()
    {
        var findings = await VisitAsync(new Mutation(typeof(Program).Assembly).Image, at: []);

        findings.AssertNoLeak();
    }

    [Fact]
    public void Every_transform_is_a_rule_or_says_why_it_is_none()
    {
        var transforms = typeof(CredentialTransform).Assembly.GetTypes()
            .Where(type => !type.IsAbstract && (type.IsSubclassOf(typeof(RequestTransform)) || type.IsSubclassOf(typeof(ResponseTransform)))).Select(type => type.Name);
        var cut = StripRules.All.SelectMany(rule => rule.Without(new(typeof(Program).Assembly)).Types).ToHashSet(StringComparer.Ordinal);

        Assert.Equal(transforms.Order(StringComparer.Ordinal), cut.Where(type => type.EndsWith("Transform", StringComparison.Ordinal) && type is not "ResponseHeadersAllowedTransform").Concat(StripRules.NoRule.Keys).Order(StringComparer.Ordinal));
    }

    private async Task<Findings> VisitAsync(byte[] mutant, IReadOnlyList<string> at, Action<JsonNode>? change = null)
    {
        await using var world = await World.StartAsync(surroundings.Value, mutant, change);
        await (at.Count > 0 ? world.VisitAsync(at) : world.VisitOnceAsync());
        return world.Findings;
    }

    private async Task<Findings> VisitSpoiltAsync(byte[] mutant, IReadOnlyList<string> at)
    {
        await using var world = await World.StartAsync(surroundings.Value, mutant);
        await Refusals.SpoilAsync(world);
        await world.VisitAsync(at);
        return world.Findings;
    }

    private async Task<Findings> VisitWithStoreAsync(byte[] mutant, IReadOnlyList<string> at)
    {
        await using var store = await Store.StartAsync();
        await using var world = await World.StartAsync(surroundings.Value, mutant, store.Plant);
        await world.VisitAsync(at);
        await store.TellToAsync(world.Findings);
        return world.Findings;
    }
}
