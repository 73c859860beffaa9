namespace RealtimeGateway.Commands;

/// <summary>The arguments of a command that looks at the configuration.</summary>
internal sealed record OfflineArguments(bool AsJson, string? Environment, string? ContentRoot, IReadOnlyList<string> Files)
{
    private const string Json = "--json";

    /// <summary>Reads them; <c>null</c>, and a word about it, when one is unknown or lacks its value.</summary>
    public static async Task<OfflineArguments?> ReadAsync(string[] arguments, bool takesFiles, TextWriter error)
    {
        var (asJson, named, files) = (false, new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase), new List<string>());
        for (var rest = arguments.AsMemory(); !rest.IsEmpty; rest = rest[1..])
        {
            var (name, value) = rest.Span[0].Split('=', 2) is [var before, var after] ? (before, after) : (rest.Span[0], null);
            if (rest.Span[0] is Json)
            {
                asJson = true;
            }
            else if (takesFiles && !name.StartsWith('-'))
            {
                files.Add(rest.Span[0]);
            }
            else if (name is "--environment" or "--contentRoot" && (value ?? Next(ref rest)) is { Length: > 0 } given)
            {
                named[name] = given;
            }
            else
            {
                await error.WriteLineAsync($"{name} is not understood here; see: RealtimeGateway help");
                return null;
            }
        }

        return new(asJson, named.GetValueOrDefault("--environment"), named.GetValueOrDefault("--contentRoot"), files);
    }

    private static string? Next(ref Memory<string> rest)
    {
        if (rest.Length < 2)
            return null;
        rest = rest[1..];
        return rest.Span[0];
    }
}
