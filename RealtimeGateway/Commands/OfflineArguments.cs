namespace RealtimeGateway.Commands;

/// <summary>The arguments of a command that looks at the configuration.</summary>
internal sealed record OfflineArguments(bool AsJson, string? Environment, string? ContentRoot, IReadOnlyList<string> Files)
{
    private const string Json = "--json";

    /// <summary>Reads them; <c>null</c>, and a word about it, when one is unknown or lacks its value.</summary>
    public static async Task<OfflineArguments?> ReadAsync(string[] arguments, bool takesFiles, TextWriter error)
    {
        var (asJson, named, files) = (false, new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase), new List<string>());
        for (var i = 0; i < arguments.Length; i++)
        {
            var (name, value) = arguments[i].Split('=', 2) is [var before, var after] ? (before, after) : (arguments[i], null);
            if (arguments[i] is Json)
                asJson = true;
            else if (name is "--environment" or "--contentRoot" && (value ?? arguments.ElementAtOrDefault(++i)) is { Length: > 0 } given)
                named[name] = given;
            else if (takesFiles && !arguments[i].StartsWith('-'))
                files.Add(arguments[i]);
            else
            {
                await error.WriteLineAsync($"{name} is not understood here; see: RealtimeGateway help");
                return null;
            }
        }

        return new(asJson, named.GetValueOrDefault("--environment"), named.GetValueOrDefault("--contentRoot"), files);
    }
}
