using System.Text.RegularExpressions;
using System.Xml.Linq;
using RealtimeGateway.Configuration;
using RealtimeGateway.Simulator;

namespace RealtimeGateway.Tests.Configuration;

/// <summary>The summaries of the source, as the compiler writes them beside the assemblies.</summary>
internal static partial class Documentation
{
    private static readonly Dictionary<string, XElement> Summaries = new[] { typeof(Snapshot), typeof(SimulatorOptions) }
        .Select(type => XDocument.Load(Path.ChangeExtension(type.Assembly.Location, ".xml")))
        .SelectMany(document => document.Descendants("member"))
        .Where(member => member.Element("summary") is not null)
        .ToDictionary(member => (string)member.Attribute("name")!, member => member.Element("summary")!);

    /// <summary>The summary of a member by its documentation id, as plain text; <c>null</c> without one.</summary>
    public static string? Of(string id) => Summaries.TryGetValue(id, out var summary) ? Spaces().Replace(string.Concat(summary.Nodes().Select(Text)), " ").Trim() : null;

    private static string Text(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" } see => NameOf((string)see.Attribute("cref")!),
        XElement element => element.Value,
        _ => "",
    };

    // Words of an enumeration are written as the settings write them.
    private static string NameOf(string cref)
    {
        var name = cref.Split('.')[^1];
        return cref.StartsWith("F:", StringComparison.Ordinal) ? System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(name) : name;
    }

    [GeneratedRegex(@"\s+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Spaces();
}
