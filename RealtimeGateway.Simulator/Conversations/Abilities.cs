using System.Text.Json.Nodes;

namespace RealtimeGateway.Simulator.Conversations;

/// <summary>A function of the session that the model may call.</summary>
internal sealed record Tool(string Name, JsonNode? Parameters);

/// <summary>What a response may do: the functions it has, and <c>tool_choice</c>.</summary>
/// <param name="Tools">The session's functions.</param>
/// <param name="MayCall">False for <c>none</c>.</param>
/// <param name="MustCall">True for <c>required</c>, and when one function is named.</param>
/// <param name="Named">The one function that has to be called.</param>
/// <param name="InParallel">Whether several calls may stand in one response.</param>
internal sealed record Abilities(IReadOnlyList<Tool> Tools, bool MayCall, bool MustCall, string? Named, bool InParallel)
{
    public static Abilities Of(SessionSettings settings)
    {
        Tool[] tools =
        [
            .. settings.Tools.Where(tool => tool?["type"]?.GetValue<string>() == "function")
                .Select(tool => new Tool(tool!["name"]!.GetValue<string>(), tool["parameters"])),
        ];
        var word = settings.ToolChoice is JsonValue value ? value.GetValue<string>() : null;
        var named = (settings.ToolChoice as JsonObject)?["name"]?.GetValue<string>();
        return new(tools, word != "none", word == "required" || named is not null, named, settings.CallsInParallel);
    }

    public Tool? Find(string name) => Tools.FirstOrDefault(tool => tool.Name == name);
}
