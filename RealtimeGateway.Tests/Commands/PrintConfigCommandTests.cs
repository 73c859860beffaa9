using System.Text.Json.Nodes;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Commands;

public sealed class PrintConfigCommandTests : IDisposable
{
    private readonly SettingsFolder _folder = new(change: null);

    [Fact]
    public async Task Every_setting_has_one_line_with_its_value_and_its_source_sorted()
    {
        File.WriteAllText(Path.Combine(_folder.Path, "appsettings.Production.json"), """{ "Limits": { "sessions": { "Burst": 5 } } }""");

        var result = await CommandProcess.RunAsync(_folder.Path, ["print-config"],
            ("AZURE_OPENAI_ENDPOINT", "https://resource.openai.azure.com/openai/v1"), ("AZURE_OPENAI_API_KEY", Gateway.Key), ("Limits__sessions__Permits", "7"), ("ASPNETCORE_URLS", "http://localhost:1"));

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.All(
            [
                "AZURE_OPENAI_API_KEY = ***  (environment variable AZURE_OPENAI_API_KEY)",
                "Credentials:default:ApiKey:Primary = ***  (environment variable AZURE_OPENAI_API_KEY)",
                "Inbound:MaxBodyBytes = 1048576  (default)",
                "Limits:sessions:Burst = 5  (appsettings.Production.json)",
                "Limits:sessions:Kind = token_bucket  (appsettings.json)",
                "Limits:sessions:Permits = 7  (environment variable Limits__sessions__Permits)",
                "Limits:sessions:WithoutRedis = local  (default)",
                "Realtime:Profiles:assistant:MaxOutputTokens = 4096  (appsettings.json)",
                "Realtime:Profiles:assistant:SecretLifetimeSeconds = 60  (appsettings.json)",
                "ReverseProxy:Clusters:azureopenai:Destinations:default:Address = https://resource.openai.azure.com/  (environment variable AZURE_OPENAI_ENDPOINT)",
                "ReverseProxy:Routes:sessions:Match:Path = /sessions  (appsettings.json)",
                "urls = http://localhost:1  (environment variable ASPNETCORE_urls)",
            ],
            line => Assert.Single(result.Lines, printed => printed.Equals(line, StringComparison.OrdinalIgnoreCase)));
        var keys = result.Lines.Select(line => line.Split(" = ")[0]).ToArray();
        Assert.Equal(keys.Order(StringComparer.Ordinal), keys);
        Assert.Equal(keys.Length, keys.Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    [Fact]
    public async Task With_json_it_prints_the_same_as_a_list()
    {
        var text = await CommandProcess.RunAsync(_folder.Path, ["print-config"]);
        var json = await CommandProcess.RunAsync(_folder.Path, ["print-config", "--json"]);

        Assert.Equal(text.Lines, JsonNode.Parse(json.Output)!.AsArray().Select(setting => $"{setting!["key"]} = {setting["value"]}  ({setting["source"]})"));
    }

    [Fact]
    public async Task What_is_not_the_gateways_is_not_shown()
    {
        var result = await CommandProcess.RunAsync(_folder.Path, ["print-config"], ("SOMEBODY_ELSES_PASSWORD", "swordfish"), ("DATABASE_URL", "postgres://u:p@h"), ("Database__Main", "swordfish"));

        Assert.NotEmpty(result.Lines);
        Assert.All(["PATH ", "SOMEBODY", "DATABASE", "$schema"], name => Assert.DoesNotContain(result.Lines, line => line.StartsWith(name, StringComparison.OrdinalIgnoreCase)));
        Assert.DoesNotContain("swordfish", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Credentials__west__ApiKey__Primary", "hunter2hunter2")]
    [InlineData("Credentials__west__Anything__At__All", "hunter2hunter2")]
    [InlineData("Callers__LogKey", "hunter2hunter2")]
    [InlineData("Callers__LogKye", "hunter2hunter2")]
    [InlineData("Callers__Keys__web__Hash", "hunter2hunter2")]
    [InlineData("Callers__Keys__web", "hunter2hunter2")]
    [InlineData("Limits", "hunter2hunter2")]
    [InlineData("Limits__sessions__Permits__Typo", "hunter2hunter2")]
    [InlineData("Redis__Connection", "redis:6379,password=hunter2hunter2,ssl=true")]
    [InlineData("Redis__Conection", "hunter2hunter2")]
    [InlineData("AZURE_OPENAI_ENDPOINT", "hunter2hunter2")]
    [InlineData("AZURE_OPENAI_ENDPOINT", "https://user:hunter2hunter2@resource.openai.azure.com/")]
    [InlineData("AZURE_OPENAI_ENDPOINT", "https://resource.openai.azure.com/?sig=hunter2hunter2")]
    [InlineData("AZURE_OPENAI_DEPLOYMENT", "eyJhbGciOiJIUzI1NiJ9.hunter2hunter2.x")]
    [InlineData("AZURE_OPENAI_DEPLOYMENT", "sk-hunter2hunter2")]
    [InlineData("AZURE_OPENAI_DEPLOYMENT", "hunter2hunter2hunter2hunter2hunter2hunter2")]
    [InlineData("Realtime__Profiles__assistant__Instructions", "Use the key rgk_hunter2hunter2.")]
    [InlineData("Realtime__Profiles__assistant__Instructions", "Connect to Server=x;Password=hunter2hunter2;")]
    [InlineData("Limits__rgk_hunter2hunter2__Permits", "5")]
    [InlineData("ReverseProxy__Routes__sessions__Transforms__9__Set", "hunter2hunter2")]
    [InlineData("ReverseProxy__Routes__sessions__Match__Headers__0__Values__0", "hunter2hunter2")]
    [InlineData("Kestrel__Certificates__Default__Password", "hunter2hunter2")]
    [InlineData("ConnectionStrings__main", "hunter2hunter2")]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS", "x-auth=hunter2hunter2")]
    [InlineData("Simulator__ApiKeys__0", "hunter2hunter2")]
    [InlineData("Credentials__west__ApiKey__Primary", "hunter2")]
    [InlineData("Callers__LogKey", "hunter2")]
    [InlineData("Redis__Connection", "hunter2")]
    [InlineData("Kestrel__Certificates__Default__Password", "hunter2")]
    public async Task A_secret_is_not_shown_wherever_it_stands(string variable, string value)
    {
        var result = await CommandProcess.RunAsync(_folder.Path, ["print-config"], (variable, value));

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.DoesNotContain("hunter2", result.Output, StringComparison.Ordinal);
        Assert.Contains("***", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_of_one_place_is_recognised_in_another()
    {
        var result = await CommandProcess.RunAsync(_folder.Path, ["print-config"], ("AZURE_OPENAI_API_KEY", "swordfish"), ("Realtime__Profiles__assistant__Instructions", "The key is swordfish."));

        Assert.DoesNotContain("swordfish", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_exits_with_1()
    {
        _folder.Write("{ oops");

        var result = await CommandProcess.RunAsync(_folder.Path, ["print-config"]);

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains("appsettings.json: is not valid JSON in line 1", result.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
