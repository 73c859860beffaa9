using System.Text.Json;

namespace RealtimeGateway.Sockets;

/// <summary>What of an object may be seen, by name: a text, number or list of them; an object with a mask of its own; or all there is.</summary>
internal sealed class Mask : Dictionary<string, Mask>
{
    /// <summary>A value without members: a text, a number, a word, a list of those.</summary>
    public static readonly Mask Value = [];

    /// <summary>Whatever it is.</summary>
    public static readonly Mask Everything = [];

    public Mask()
        : base(StringComparer.Ordinal)
    {
    }

    /// <summary>Writes what may be seen of the value; what is not of the expected kind is left out.</summary>
    public void Write(string name, JsonElement value, Utf8JsonWriter writer)
    {
        if (value.ValueKind is JsonValueKind.Null || ReferenceEquals(this, Everything) || (ReferenceEquals(this, Value) && IsPlain(value)))
        {
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }
        else if (value.ValueKind is JsonValueKind.Object && !ReferenceEquals(this, Value))
        {
            writer.WriteStartObject(name);
            WriteMembers(value, writer);
            writer.WriteEndObject();
        }
    }

    /// <summary>Writes what may be seen of an object's members into the object that is open.</summary>
    public void WriteMembers(JsonElement value, Utf8JsonWriter writer)
    {
        foreach (var member in value.EnumerateObject())
            Of(member.Name)?.Write(member.Name, member.Value, writer);
    }

    private Mask? Of(string name) => this.GetValueOrDefault(name);

    private static bool IsPlain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => false,
        JsonValueKind.Array => value.EnumerateArray().All(item => item.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)),
        _ => true,
    };
}
