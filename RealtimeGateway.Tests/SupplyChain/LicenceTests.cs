using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.SupplyChain;

/// <summary>The licence of every package that the gateway is built from, as the package itself states it.</summary>
public sealed class LicenceTests
{
    private const string Update = "UPDATE_LICENCES=1 dotnet test --project RealtimeGateway.Tests -- --filter-class \"*LicenceTests\"";

    private static readonly string Document = Path.Combine(Repository.Root, "docs", "licences.md");

    private static readonly HashSet<string> Allowed = ["MIT", "Apache-2.0"];

    // Packages that state the address of their licence and not its name: the first has the name in its README, at the second stands the text.
    private static readonly Dictionary<string, string> ByAddress = new()
    {
        ["https://github.com/bolorundurowb/dotenv.net/blob/master/LICENSE"] = "MIT",
        ["https://github.com/dotnet/corefx/blob/master/LICENSE.TXT"] = "MIT",
    };

    [Fact]
    public async Task Every_package_has_a_licence_that_is_allowed_and_a_line_in_the_list()
    {
        var packages = Packages();
        var list = Write(packages);
        if (Environment.GetEnvironmentVariable("UPDATE_LICENCES") is "1")
            await File.WriteAllTextAsync(Document, list, TestContext.Current.CancellationToken);

        Assert.True(packages.Count > 20, $"{packages.Count} packages");
        Assert.All(packages, package => Assert.Contains(package.Licence, Allowed));
        Assert.True(list == await File.ReadAllTextAsync(Document, TestContext.Current.CancellationToken), $"docs/licences.md is out of date; write it anew with: {Update}");
    }

    [Theory]
    [InlineData("<license type=\"expression\">MIT</license>", "MIT")]
    [InlineData("<license type=\"expression\">GPL-3.0-only</license>", "GPL-3.0-only")]
    [InlineData("<license type=\"expression\">MIT OR GPL-2.0</license>", "MIT OR GPL-2.0")]
    [InlineData("<license type=\"file\">LICENSE.txt</license>", "file LICENSE.txt")]
    [InlineData("<licenseUrl>https://example.com/licence</licenseUrl>", "https://example.com/licence")]
    [InlineData("<licenseUrl>https://github.com/dotnet/corefx/blob/master/LICENSE.TXT</licenseUrl>", "MIT")]
    [InlineData("", "none")]
    public void A_package_states_its_licence_in_one_of_these_ways(string metadata, string licence) =>
        Assert.Equal(licence, LicenceIn(XDocument.Parse($"<package xmlns=\"urn:x\"><metadata>{metadata}</metadata></package>")));

    private static List<(string Name, string Version, string Licence)> Packages()
    {
        var folders = Read("obj/project.assets.json")["packageFolders"]!.AsObject().Select(folder => folder.Key).ToArray();
        var locked = Read("packages.lock.json")["dependencies"]!.AsObject().SelectMany(target => target.Value!.AsObject())
            .Where(package => (string?)package.Value!["type"] != "Project")
            .Select(package => (Name: package.Key, Version: (string)package.Value!["resolved"]!))
            .Distinct().OrderBy(package => package.Name, StringComparer.OrdinalIgnoreCase);
        return [.. locked.Select(package => (package.Name, package.Version, LicenceIn(XDocument.Load(Nuspec(folders, package.Name.ToLowerInvariant(), package.Version.ToLowerInvariant())))))];
    }

    private static string Nuspec(IEnumerable<string> folders, string name, string version) =>
        folders.Select(folder => Path.Combine(folder, name, version, $"{name}.nuspec")).First(File.Exists);

    private static string LicenceIn(XDocument nuspec)
    {
        var elements = nuspec.Descendants().ToLookup(element => element.Name.LocalName);
        if (elements["license"].FirstOrDefault() is { } licence)
            return (string?)licence.Attribute("type") == "expression" ? licence.Value : $"file {licence.Value}";
        return elements["licenseUrl"].FirstOrDefault()?.Value is { } address ? ByAddress.GetValueOrDefault(address, address) : "none";
    }

    private static string Write(IEnumerable<(string Name, string Version, string Licence)> packages)
    {
        var text = new StringBuilder($"""
            # Licences

            The packages that the gateway is built from, with their licences as the packages state them. Allowed are {string.Join(" and ", Allowed)}; anything else fails a test. Written by
            `{Update}`.

            | package | version | licence |
            |---|---|---|

            """);
        foreach (var (name, version, licence) in packages)
            text.Append($"| {name} | {version} | {licence} |\n");
        return text.ToString();
    }

    private static JsonObject Read(string file) => JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "RealtimeGateway", file)))!.AsObject();
}
