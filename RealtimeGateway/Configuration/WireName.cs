using System.Text.Json;

namespace RealtimeGateway.Configuration;

/// <summary>Enumerations are written, in configuration and on the wire, as the service writes them: <c>server_vad</c> for <c>ServerVad</c>.</summary>
internal static class WireName
{
    public static string Of(Enum member) => JsonNamingPolicy.SnakeCaseLower.ConvertName(member.ToString());
}
