using System.Reflection;
using System.Text.RegularExpressions;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Deployment;

public sealed partial class SecurityDocumentTests
{
    private static readonly Type[] Classes = [.. typeof(SecurityDocumentTests).Assembly.GetTypes().Where(type => type.Name.EndsWith("Tests", StringComparison.Ordinal))];

    private static readonly string Document = File.ReadAllText(Path.Combine(Repository.Root, "docs", "security.md"));

    [Fact]
    public void Every_test_that_it_names_exists_and_runs()
    {
        var named = NamesIn(Document).ToArray();

        Assert.True(named.Length > 100, $"{named.Length} tests are named");
        Assert.All(named, name => Assert.True(IsTest(name), name));
    }

    [Fact]
    public void Every_threat_names_the_check_of_what_stops_it()
    {
        var rows = SectionOf("Threat model").Split('\n').Where(line => line.StartsWith('|')).Skip(2).ToArray(); // after the heads and the rule below them

        Assert.True(rows.Length > 40, $"{rows.Length} threats");
        Assert.All(rows, row => Assert.True(NamesIn(row.Split('|')[4]).Any(), row));
    }

    [Fact]
    public void Every_other_claim_names_its_check()
    {
        var claims = Claims().Matches(Document[..Document.IndexOf("What remains:", StringComparison.Ordinal)] + SectionOf("The leak proof")).Select(match => match.Value).ToArray();

        Assert.True(claims.Length > 10, $"{claims.Length} claims");
        Assert.All(claims, claim => Assert.True(NamesIn(claim).Any(), claim));
    }

    private static string SectionOf(string title) =>
        Assert.Single(Document.Split("\n## "), section => section.StartsWith(title, StringComparison.Ordinal));

    private static IEnumerable<string> NamesIn(string text) => TestName().Matches(text).Select(match => match.Value.Trim('`'));

    private static bool IsTest(string name) =>
        Classes.FirstOrDefault(type => type.Name == name.Split('.')[0])?.GetMethod(name.Split('.')[1])?.GetCustomAttributes<FactAttribute>().SingleOrDefault() is { Skip: null };

    [GeneratedRegex(@"^\* .*(\n  .*)*", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Claims();

    [GeneratedRegex(@"`\w+Tests\.\w+`", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TestName();
}
