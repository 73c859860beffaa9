using System.Text.Json;
using RealtimeGateway.Simulator.Minting;
using RealtimeGateway.Simulator.Validation;
using static RealtimeGateway.Simulator.Validation.Rules;

namespace RealtimeGateway.Simulator.Conversations;

/// <summary>The shape of each client event, as closed as the rest of the service: schemas <c>RealtimeClientEvent*</c>.</summary>
internal sealed class ClientEventRules
{
    private const int LongestEventId = 512;
    private const int MostMetadata = 16;
    private const int LongestMetadataName = 64;
    private const int LongestMetadataValue = 512;

    private readonly Dictionary<string, Rule> _rules;

    public ClientEventRules(SimulatorOptions options, Surface surface)
    {
        var item = Fitting(ItemRules.Item(surface), surface);
        var response = surface == Surface.Ga ? ClientSecretRules.Response : PreviewSessionRules.Response;
        _rules = new()
        {
            ["session.update"] = Event(new Member("session", surface == Surface.Ga ? ClientSecretRules.Update(options) : PreviewSessionRules.Update(options), true)),
            ["conversation.item.create"] = Event(new("item", item, true), new("previous_item_id", OrNull(Name))),
            ["conversation.item.retrieve"] = Event(new Member("item_id", Name, true)),
            ["conversation.item.delete"] = Event(new Member("item_id", Name, true)),
            ["conversation.item.truncate"] = Event(
                new("item_id", Name, true), new("content_index", Whole(0, int.MaxValue), true), new("audio_end_ms", Whole(0, int.MaxValue), true)),
            ["input_audio_buffer.append"] = Event(new Member("audio", Text, true)),
            ["input_audio_buffer.commit"] = Event(),
            ["input_audio_buffer.clear"] = Event(),
            ["output_audio_buffer.clear"] = Event(),
            ["response.create"] = Event(new Member("response", OrNull(Members([.. response, .. Own(surface)])))),
            ["response.cancel"] = Event(new Member("response_id", OrNull(Name))),
        };
    }

    public Violation? Check(JsonElement clientEvent, string type) => _rules.TryGetValue(type, out var rule)
        ? rule(clientEvent, "")
        : Violation.Of("invalid_value", $"Invalid value: '{type}'. Supported values are: {string.Join(", ", _rules.Keys.Select(name => $"'{name}'"))}.", "type");

    /// <summary>What a response has beside settings of the session.</summary>
    private static Member[] Own(Surface surface) =>
    [
        new("conversation", Word("auto", "none")),
        new("metadata", OrNull(Metadata)),
        new("input", List(Fitting(ItemRules.ItemOrReference(surface), surface))),
    ];

    private static Rule Event(params Member[] members) => Members([new("type", Text), new("event_id", OrNull(EventId)), .. members]);

    private static Rule Fitting(Rule item, Surface surface) =>
        (value, path) => item(value, path) ?? ItemRules.RoleFits(value, path, surface);

    private static Violation? EventId(JsonElement value, string path) =>
        value.ValueKind == JsonValueKind.String && value.GetString()!.Length <= LongestEventId
            ? null
            : Violation.Invalid(path, $"a string of at most {LongestEventId} characters");

    private static Violation? Metadata(JsonElement value, string path) =>
        value.ValueKind == JsonValueKind.Object && value.EnumerateObject().Count() <= MostMetadata &&
        value.EnumerateObject().All(member =>
            member.Name.Length <= LongestMetadataName && member.Value.ValueKind == JsonValueKind.String && member.Value.GetString()!.Length <= LongestMetadataValue)
            ? null
            : Violation.Invalid(path, $"an object of at most {MostMetadata} strings of at most {LongestMetadataValue} characters, with names of at most {LongestMetadataName}");
}
