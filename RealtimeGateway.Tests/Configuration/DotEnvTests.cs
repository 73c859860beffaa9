using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.UserSecrets;
using Microsoft.Extensions.Hosting;
using RealtimeGateway.Configuration;

namespace RealtimeGateway.Tests.Configuration;

public sealed class DotEnvTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("realtime-gateway-env-").FullName;

    [Fact]
    public void Development_reads_dot_env_at_the_top_level()
    {
        var configuration = Read("Development", """
            # a comment
            AZURE_OPENAI_ENDPOINT=https://resource.openai.azure.com
            AZURE_OPENAI_API_KEY="a key=with signs"
            Limits__sessions__Permits=7
            """);

        Assert.Equal("https://resource.openai.azure.com", configuration["AZURE_OPENAI_ENDPOINT"]);
        Assert.Equal("a key=with signs", configuration["AZURE_OPENAI_API_KEY"]);
        Assert.Equal("7", configuration["Limits:sessions:Permits"]);
    }

    [Fact]
    public void The_environment_beats_dot_env_and_dot_env_beats_the_file()
    {
        var configuration = Read("Development", "FromFile=env\nFromEnvironment=env", new() { ["FromEnvironment"] = "environment" });

        Assert.Equal(("env", "environment"), (configuration["FromFile"], configuration["FromEnvironment"]));
    }

    [Fact]
    public void Production_does_not_read_it() => Assert.Null(Read("Production", "AZURE_OPENAI_ENDPOINT=https://resource.openai.azure.com")["AZURE_OPENAI_ENDPOINT"]);

    [Fact]
    public void User_secrets_are_read_too() => Assert.Equal(
        "realtime-gateway", typeof(ConfigurationSources).Assembly.GetCustomAttribute<UserSecretsIdAttribute>()?.UserSecretsId);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private ConfigurationManager Read(string environment, string dotEnv, Dictionary<string, string?>? variables = null)
    {
        File.WriteAllText(Path.Combine(_folder, ".env"), dotEnv);
        File.WriteAllText(Path.Combine(_folder, "appsettings.json"), """{ "FromFile": "file" }""");
        var builder = Host.CreateEmptyApplicationBuilder(new() { ContentRootPath = _folder, EnvironmentName = environment });
        builder.Configuration.AddJsonFile(Path.Combine(_folder, "appsettings.json"));
        builder.Configuration.AddInMemoryCollection(variables);

        ConfigurationSources.Prepare(builder);

        return builder.Configuration;
    }
}
