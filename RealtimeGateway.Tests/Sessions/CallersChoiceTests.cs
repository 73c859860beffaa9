using System.Buffers;
using System.Text;
using Microsoft.Extensions.Configuration;
using RealtimeGateway.Callers;
using RealtimeGateway.Configuration;
using RealtimeGateway.Sessions;

namespace RealtimeGateway.Tests.Sessions;

/// <summary>A profile that lets the caller set everything, which is possible and documented.</summary>
public sealed class CallersChoiceTests
{
    private static readonly SessionProfile Open = ReadProfile();

    [Theory]
    [InlineData("""{"modalities":["text"]}""", "Text")]
    [InlineData("""{"modalities":["audio"]}""", "Audio")]
    [InlineData("""{"modalities":["text","audio"]}""", "Audio")]
    [InlineData("""{"modalities":["audio","text"]}""", "Audio")]
    public void Modalities_of_the_flat_shape_become_the_one_output_modality(string body, string modality) =>
        Assert.Equal(modality, Accepted(body).OutputModality.ToString());

    [Fact]
    public void Instructions_and_tools_replace_the_profiles()
    {
        var session = Accepted("""{"instructions":"Mine.","tools":[{"type":"function","name":"f","description":"d","parameters":{"type":"object"}}]}""");

        Assert.Equal("Mine.", session.Instructions);
        Assert.Equal("""[{"type":"function","name":"f","description":"d","parameters":{"type":"object"}}]""", Encoding.UTF8.GetString(session.Tools!));
    }

    [Fact]
    public void An_empty_list_of_tools_means_none() => Assert.Null(Accepted("""{"tools":[]}""").Tools);

    [Theory]
    [InlineData("""{"instructions":5}""", "invalid_value", "instructions")]
    [InlineData("""{"modalities":[]}""", "invalid_value", "modalities")]
    [InlineData("""{"modalities":["video"]}""", "invalid_value", "modalities")]
    [InlineData("""{"modalities":"text"}""", "invalid_value", "modalities")]
    [InlineData("""{"tools":{}}""", "invalid_value", "tools")]
    [InlineData("""{"tools":["f"]}""", "invalid_value", "tools[0].type")]
    [InlineData("""{"tools":[{"type":"mcp","server_label":"x","server_url":"https://evil.example"}]}""", "invalid_value", "tools[0].type")]
    [InlineData("""{"tools":[{"name":"f"}]}""", "invalid_value", "tools[0].type")]
    [InlineData("""{"tools":[{"type":"function"}]}""", "invalid_value", "tools[0].name")]
    [InlineData("""{"tools":[{"type":"function","name":"a b"}]}""", "invalid_value", "tools[0].name")]
    [InlineData("""{"tools":[{"type":"function","name":"f"},{"type":"function","name":"f"}]}""", "invalid_value", "tools[1].name")]
    [InlineData("""{"tools":[{"type":"function","name":"f","server_url":"https://evil.example"}]}""", "field_not_allowed", "tools[0].server_url")]
    [InlineData("""{"tools":[{"type":"function","name":"f","parameters":[]}]}""", "invalid_value", "tools[0].parameters")]
    [InlineData("""{"tools":[{"type":"function","name":"f","description":"\ud800"}]}""", "invalid_json", null)]
    [InlineData("""{"tools":[{"type":"function","name":"f","parameters":{"a":["\ud800"]}}]}""", "invalid_json", null)]
    [InlineData("""{"tools":[{"type":"function","name":"f\n"}]}""", "invalid_value", "tools[0].name")]
    [InlineData("""{"tools":[{"type":"function","name":"f","parameters":{"a":1,"a":2}}]}""", "invalid_json", null)]
    public void What_is_out_of_bounds_is_refused_by_name(string body, string code, string? param)
    {
        var (session, error) = Read(body);

        Assert.Null(session);
        Assert.Equal((code, param), (error?.Code, error?.Param));
    }

    private static RequestedSession Accepted(string body)
    {
        var (session, error) = Read(body);
        Assert.Null(error);
        return session!;
    }

    private static (RequestedSession? Session, RealtimeGateway.Web.GatewayError? Error) Read(string body) =>
        SessionRequest.Read(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(body)), Open, deployments: new HashSet<string>());

    private static SessionProfile ReadProfile()
    {
        var settings = new Dictionary<string, string?>
        {
            ["Realtime:Profiles:open:Models:0"] = "gpt-realtime",
            ["Realtime:Profiles:open:Voices:0"] = "marin",
            ["Realtime:Profiles:open:Instructions"] = "Ours.",
        };
        foreach (var (index, member) in new[] { "model", "voice", "instructions", "modalities", "tools" }.Index())
            settings[$"Realtime:Profiles:open:ClientMaySet:{index}"] = member;
        return Assert.Single(SessionProfile.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), CallerSchemes.None, new ConfigurationFaults()).Values);
    }
}
