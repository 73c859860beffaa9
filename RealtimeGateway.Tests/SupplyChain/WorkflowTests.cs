using System.Text.RegularExpressions;
using RealtimeGateway.Tests.Infrastructure;
using YamlDotNet.RepresentationModel;

namespace RealtimeGateway.Tests.SupplyChain;

/// <summary>What the workflow runs is exactly what was read: every action by its commit, with no right but to read.</summary>
public sealed partial class WorkflowTests
{
    private static readonly string[] Workflows = Directory.GetFiles(Path.Combine(Repository.Root, ".github", "workflows"));

    [Fact]
    public void Every_action_is_pinned_by_the_whole_hash_of_a_commit()
    {
        var actions = Workflows.SelectMany(file => ActionsIn(File.ReadAllText(file))).ToArray();

        Assert.NotEmpty(actions);
        Assert.All(actions, action => Assert.True(IsPinned(action), action));
    }

    [Theory]
    [InlineData("actions/checkout@v4")]
    [InlineData("actions/checkout@main")]
    [InlineData("actions/checkout@11bd719")]
    [InlineData("actions/checkout")]
    [InlineData("docker://alpine:3.20")]
    public void Anything_less_is_not(string action) => Assert.False(IsPinned(Assert.Single(ActionsIn($"jobs:\n  a:\n    steps:\n      - uses: {action}\n"))));

    [Fact]
    public void The_token_of_a_workflow_may_read_and_nothing_else() => Assert.All(Workflows, file =>
    {
        var permissions = (YamlMappingNode)Root(File.ReadAllText(file))["permissions"];
        Assert.Equal(["contents: read"], permissions.Children.Select(permission => $"{permission.Key}: {permission.Value}"));
        Assert.DoesNotContain("pull_request_target", File.ReadAllText(file), StringComparison.Ordinal);
    });

    [Fact]
    public void The_supply_chain_is_looked_at_strictly() => Assert.Contains(
        ".ci/supply-chain.sh --strict",
        Workflows.SelectMany(file => Root(File.ReadAllText(file)).AllNodes.OfType<YamlMappingNode>()).Where(node => node.Children.ContainsKey("run")).Select(node => node["run"].ToString()));

    private static IEnumerable<string> ActionsIn(string workflow) =>
        Root(workflow).AllNodes.OfType<YamlMappingNode>().Where(node => node.Children.ContainsKey("uses")).Select(node => node["uses"].ToString());

    private static YamlMappingNode Root(string workflow)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(workflow));
        return (YamlMappingNode)yaml.Documents[0].RootNode;
    }

    private static bool IsPinned(string action) => Pinned().IsMatch(action);

    [GeneratedRegex("^[a-z0-9-]+/[a-z0-9/-]+@[0-9a-f]{40}$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Pinned();
}
