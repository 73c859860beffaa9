using Microsoft.Extensions.Configuration;
using RealtimeGateway.Callers;
using RealtimeGateway.Configuration;
using RealtimeGateway.Sessions;

namespace RealtimeGateway.Tests.Configuration;

public sealed class SectionReaderTests
{
    /// <summary>A variable that an image or a chart sets can be emptied there, and often not be taken away.</summary>
    [Fact]
    public void An_empty_number_flag_or_time_span_counts_as_not_set()
    {
        var cors = Read<CorsPolicyOptions>((nameof(CorsPolicyOptions.MaxAge), ""), (nameof(CorsPolicyOptions.AllowCredentials), ""));
        var profile = Read<SessionProfileOptions>(
            (nameof(SessionProfileOptions.SecretLifetimeSeconds), ""), (nameof(SessionProfileOptions.MaxOutputTokens), ""), ("Models:0", "m"), ("Voices:0", "v"));

        Assert.Equal((TimeSpan.FromMinutes(10), false), (cors.MaxAge, cors.AllowCredentials));
        Assert.Equal((60, null), (profile.SecretLifetimeSeconds, profile.MaxOutputTokens));
    }

    private static T Read<T>(params (string Key, string Value)[] values)
        where T : class, new()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(values.Select(value => KeyValuePair.Create($"section:{value.Key}", (string?)value.Value))).Build();
        var faults = new ConfigurationFaults();
        var read = SectionReader.Read<T>(configuration.GetSection("section"), faults);
        Assert.Empty(faults.List);
        return read;
    }
}
