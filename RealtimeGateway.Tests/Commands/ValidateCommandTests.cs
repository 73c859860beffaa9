using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Commands;

public sealed class ValidateCommandTests : IDisposable
{
    private static readonly (string, string)[] Good =
    [
        ("AZURE_OPENAI_ENDPOINT", "https://resource.openai.azure.com"), ("AZURE_OPENAI_API_KEY", Gateway.Key), ("Callers__AllowAnonymous", "true"),
    ];

    private readonly SettingsFolder _folder = new(change: null);

    [Fact]
    public async Task A_good_configuration_exits_with_0()
    {
        var text = await CommandProcess.RunAsync(_folder.Path, ["validate"], Good);
        var json = await CommandProcess.RunAsync(_folder.Path, ["validate", "--json"], Good);

        Assert.Equal((0, "The configuration is good.", ""), (text.ExitCode, Assert.Single(text.Lines), text.Error));
        Assert.Equal((0, """{"valid":true,"faults":[]}""", ""), (json.ExitCode, Assert.Single(json.Lines), json.Error));
    }

    [Fact]
    public async Task A_faulty_one_exits_with_1_and_names_every_fault_with_file_key_and_rule()
    {
        _folder.Change(settings =>
        {
            settings.Set("Limits:sessions:Window", "\"00:00:00\"");
            settings.Set("Limitz", "{}");
            settings.Set("ReverseProxy:Routes:sessions:Transforms:1", """{ "SessionProfile": "nobody" }""");
            settings.Set("ReverseProxy:Routes:sessions:Order", "\"first\"");
        });

        var result = await CommandProcess.RunAsync(_folder.Path, ["validate"], [.. Good, ("Limits__sessions__Permits", "0"), ("Inbound__MaxHeaders", "many")]);

        Assert.Equal((1, ""), (result.ExitCode, result.Error));
        Assert.Equal("The configuration has 6 fault(s):", result.Lines[0]);
        Assert.All(
            [
                "- Limitz: is not a known key; known here: ",
                "- ReverseProxy:Routes:sessions:Order = \"first\": must be a whole number (appsettings.json)",
                "- Inbound:MaxHeaders = \"many\": must be a whole number (environment variable Inbound__MaxHeaders)",
                "- Limits:sessions:Permits = \"0\": must be between 1 and 1000000 (environment variable Limits__sessions__Permits)",
                "- Limits:sessions:Window = \"00:00:00\": must be between 00:00:01 and 1.00:00:00 (appsettings.json)",
                "- ReverseProxy:Routes:sessions: SessionProfile \"nobody\" names no usable profile; known: assistant (appsettings.json)",
            ],
            fault => Assert.Single(result.Lines, line => line.StartsWith(fault, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("validate")]
    [InlineData("doctor")]
    public async Task A_folder_that_is_not_there_is_a_fault(string command)
    {
        var result = await CommandProcess.RunAsync(_folder.Path, [command, "--contentRoot", "/no/such/folder"], Good);

        Assert.Equal(
            (1, "The configuration has 1 fault(s):", "- contentRoot = \"/no/such/folder\": there is no such folder", ""),
            (result.ExitCode, result.Lines[0], result.Lines[1], result.Error));
    }

    [Fact]
    public async Task With_json_it_prints_one_object_for_a_pipeline()
    {
        _folder.Change(settings => settings.Set("Limits:sessions:Window", "\"soon\""));

        var result = await CommandProcess.RunAsync(_folder.Path, ["validate", "--json"], Good);

        Assert.Equal((1, ""), (result.ExitCode, result.Error));
        Assert.Equal(
            """{"valid":false,"faults":[{"source":"appsettings.json","key":"Limits:sessions:Window","value":"soon","rule":"must be a time span such as 00:01:00"}]}""",
            Assert.Single(result.Lines));
    }

    [Fact]
    public async Task Files_are_checked_in_place_of_the_settings_that_lie_here_on_top_of_each_other()
    {
        File.Copy(Path.Combine(_folder.Path, "appsettings.json"), Path.Combine(_folder.Path, "base.json"));
        File.WriteAllText(Path.Combine(_folder.Path, "more.json"), """{ "Limits": { "sessions": { "Permits": 0 } } }""");
        File.WriteAllText(Path.Combine(_folder.Path, "mended.json"), """{ "Limits": { "sessions": { "Permits": 1 } } }""");
        _folder.Write("{ this is not even JSON");

        var bad = await CommandProcess.RunAsync(_folder.Path, ["validate", "base.json", "more.json"], Good);
        var good = await CommandProcess.RunAsync(_folder.Path, ["validate", "base.json", "more.json", Path.Combine(_folder.Path, "mended.json")], Good);

        Assert.Equal((1, "- Limits:sessions:Permits = \"0\": must be between 1 and 1000000 (more.json)"), (bad.ExitCode, bad.Lines[^1]));
        Assert.Equal((0, ""), (good.ExitCode, good.Error));
    }

    [Fact]
    public async Task Files_that_cannot_be_read_are_all_named_with_their_line_and_without_their_folder()
    {
        File.WriteAllText(Path.Combine(_folder.Path, "one.json"), "{\n  oops");
        File.WriteAllText(Path.Combine(_folder.Path, "two.json"), """{ "Limits": { "a": 1, "A": 2 } }""");

        var result = await CommandProcess.RunAsync(_folder.Path, ["validate", "one.json", "two.json", "three.json", "--json"], Good);

        Assert.Equal(1, result.ExitCode);
        Assert.DoesNotContain(_folder.Path, result.Output, StringComparison.Ordinal);
        var faults = JsonNode.Parse(result.Output)!["faults"]!.AsArray().Select(fault => ((string?)fault!["source"], (string?)fault["key"], (string)fault["rule"]!)).ToArray();
        Assert.Equal(["one.json", "two.json", "three.json"], faults.Select(fault => fault.Item1));
        Assert.All(faults, fault => Assert.Null(fault.Item2));
        Assert.StartsWith("is not valid JSON in line 2: ", faults[0].Item3, StringComparison.Ordinal);
        Assert.Equal(("A duplicate key 'Limits:A' was found.", "is missing"), (faults[1].Item3, faults[2].Item3));
    }

    [Fact]
    public async Task The_environment_decides_whether_the_simulator_will_do()
    {
        var production = await CommandProcess.RunAsync(_folder.Path, ["validate"]);
        var byVariable = await CommandProcess.RunAsync(_folder.Path, ["validate"], ("ASPNETCORE_ENVIRONMENT", "Development"));
        var byArgument = await CommandProcess.RunAsync(_folder.Path, ["validate", "--environment", "Development"], ("ASPNETCORE_ENVIRONMENT", "Production"));

        Assert.Equal((1, 0, 0), (production.ExitCode, byVariable.ExitCode, byArgument.ExitCode));
        Assert.Contains("there is no upstream", production.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_listens_nowhere_and_connects_to_nobody()
    {
        using var issuer = Listener(out var issuerAddress);
        using var redis = Listener(out var redisAddress);
        using var upstream = Listener(out var upstreamAddress);
        using var taken = Listener(out var takenAddress); // to listen there would fail

        var result = await CommandProcess.RunAsync(_folder.Path, ["validate"],
            ("AZURE_OPENAI_ENDPOINT", upstreamAddress), ("AZURE_OPENAI_API_KEY", Gateway.Key),
            ("Callers__Jwt__entra__Authority", issuerAddress), ("Callers__Jwt__entra__Audiences__0", "a"),
            ("Redis__Connection", new Uri(redisAddress).Authority), ("ASPNETCORE_URLS", takenAddress));

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.All([issuer, redis, upstream], listener => Assert.False(listener.Pending()));
    }

    [Theory]
    [InlineData("Callers__Keys__web__Hash", "rgk_0123456789abcdefghij")]
    [InlineData("Limits__sessions__Permits", "rgk_0123456789abcdefghij")]
    [InlineData("Limits__rgk_0123456789abcdefghij__Permits", "0")]
    [InlineData("ReverseProxy__Routes__sessions__CorsPolicy", "rgk_0123456789abcdefghij")]
    [InlineData("ReverseProxy__Routes__sessions__Transforms__1__SessionProfile", "rgk_0123456789abcdefghij")]
    [InlineData("Credentials__west__ApiKey", "rgk_0123456789abcdefghij")]
    public async Task A_key_in_the_wrong_place_is_not_repeated(string variable, string value)
    {
        var result = await CommandProcess.RunAsync(_folder.Path, ["validate"], [.. Good, (variable, value)]);

        Assert.Equal(1, result.ExitCode);
        Assert.DoesNotContain("rgk_0", result.Output + result.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static TcpListener Listener(out string address)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        address = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        return listener;
    }
}
