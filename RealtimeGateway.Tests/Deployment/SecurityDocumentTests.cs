using System.Reflection;
using System.Text.RegularExpressions;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Deployment;

public sealed partial class SecurityDocumentTests
{
    private static readonly Type[] Classes = [.. typeof(SecurityDocumentTests).Assembly.GetTypes().Where(type => type.Name.EndsWith("Tests", StringComparison.Ordinal))];

    [Fact]
    public async Task Every_test_that_the_threat_model_names_exists_and_runs()
    {
        var document = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "security.md"), TestContext.Current.CancellationToken);
        var named = TestName().Matches(document).Select(match => match.Value.Trim('`')).ToArray();

        Assert.True(named.Length > 20, $"{named.Length} tests are named");
        Assert.All(named, name => Assert.True(IsTest(name), name));
    }

    private static bool IsTest(string name) =>
        Classes.FirstOrDefault(type => type.Name == name.Split('.')[0])?.GetMethod(name.Split('.')[1])?.GetCustomAttributes<FactAttribute>().SingleOrDefault() is { Skip: null };

    [GeneratedRegex(@"`\w+Tests\.\w+`", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TestName();
}
