using Microsoft.Extensions.Configuration;
using RealtimeGateway.Callers;
using RealtimeGateway.Configuration;
using RealtimeGateway.Sessions;

namespace RealtimeGateway.Tests.Sockets;

/// <summary>Sessions by profiles that let the caller set this and no more.</summary>
internal static class Profiles
{
    public static readonly string[] All = ["voice", "instructions", "modalities", "tools"];

    public static RequestedSession Session(params string[] clientMaySet) => Session(maxOutputTokens: null, clientMaySet);

    public static RequestedSession Session(int? maxOutputTokens, params string[] clientMaySet)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Realtime:Profiles:one:Models:0"] = "gpt-realtime",
            ["Realtime:Profiles:one:Voices:0"] = "marin",
            ["Realtime:Profiles:one:Voices:1"] = "cedar",
            ["Realtime:Profiles:one:Instructions"] = "Ours.",
            ["Realtime:Profiles:one:MaxOutputTokens"] = maxOutputTokens?.ToString(System.Globalization.CultureInfo.InvariantCulture),
        };
        foreach (var (index, member) in clientMaySet.Index())
            settings[$"Realtime:Profiles:one:ClientMaySet:{index}"] = member;
        var faults = new ConfigurationFaults();
        var profile = Assert.Single(SessionProfile.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), CallerSchemes.None, faults).Values);
        Assert.False(faults.Any);
        return new(profile, profile.DefaultModel);
    }
}
