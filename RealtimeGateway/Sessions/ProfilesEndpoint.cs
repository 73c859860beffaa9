using System.Buffers;
using System.Text.Json;
using RealtimeGateway.Callers;
using RealtimeGateway.Configuration;

namespace RealtimeGateway.Sessions;

/// <summary>
/// <c>GET /profiles</c>: what a page needs to offer the choices that this caller has, and nothing else of a profile; on the simulator also where its
/// media peer is.
/// </summary>
internal static class ProfilesEndpoint
{
    public static void MapProfiles(this IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/profiles", Answer)
        .RequireCors()
        .WithSummary("The session profiles that a caller can choose from.")
        .WithTags("Sessions");

    // Not for caches: another caller has other choices, and a cache does not know every header that says who asks.
    private static IResult Answer(HttpContext context, LiveConfiguration live)
    {
        context.Response.Headers.CacheControl = "no-store";
        return Results.Bytes(Write(live.Current, Caller.Of(context)), "application/json");
    }

    private static ReadOnlyMemory<byte> Write(Snapshot snapshot, Caller caller)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WriteStartArray("profiles"u8);
        foreach (var profile in snapshot.Profiles.Values.Where(caller.MayUse).OrderBy(profile => profile.Name, StringComparer.Ordinal))
            Write(writer, profile);
        writer.WriteEndArray();
        if (snapshot.PeerPage is { } peer)
            writer.WriteString("peer"u8, peer.AbsoluteUri);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter writer, SessionProfile profile)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, profile.Name);
        WriteTexts(writer, "voices"u8, profile.Options.Voices);
        writer.WriteString("voice"u8, profile.DefaultVoice);
        WriteTexts(writer, "models"u8, profile.Options.Models);
        WriteTexts(writer, "clientMaySet"u8, profile.Options.ClientMaySet.Select(member => WireName.Of(member)));
        writer.WriteString("way"u8, WireName.Of(profile.Options.Way));
        writer.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IEnumerable<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts)
            writer.WriteStringValue(text);
        writer.WriteEndArray();
    }
}
