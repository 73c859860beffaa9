using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.KeyPerFile;
using Microsoft.Extensions.FileProviders;
using RealtimeGateway.Configuration;

namespace RealtimeGateway.Tests.Configuration;

public sealed class ConfigurationLayersTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("realtime-gateway-layers-").FullName;

    [Fact]
    public void A_value_comes_from_the_last_place_that_has_it()
    {
        var layers = Read(
            Json("appsettings.json", """{ "Limits": { "a": { "Permits": 1, "Window": "00:01:00", "Burst": 3 }, "b": { "Permits": 1 } }, "Inbound": { "MaxHeaders": 20 } }"""),
            Json("appsettings.Production.json", """{ "Limits": { "a": { "Permits": 2 } } }"""),
            SecretFile("Limits__a__Window", "00:02:00"),
            DotEnv("Limits__b__Permits=2"),
            new CommandLineConfigurationSource { Args = ["--Inbound:MaxHeaders=30"] });

        Assert.Equal("appsettings.json", layers.OriginOf("Limits:a:Burst"));
        Assert.Equal("appsettings.Production.json", layers.OriginOf("limits:A:permits"));
        Assert.Equal("secret file Limits__a__Window", layers.OriginOf("Limits:a:Window"));
        Assert.Equal(".env", layers.OriginOf("Limits:b:Permits"));
        Assert.Equal("command line", layers.OriginOf("Inbound:MaxHeaders"));
    }

    [Fact]
    public void A_group_comes_from_all_that_add_to_it_and_what_is_missing_from_around_it()
    {
        var layers = Read(
            Json("appsettings.json", """{ "Limits": { "a": { "Permits": 1 }, "b": { } } }"""),
            SecretFile("Limits__a__Window", "00:02:00"));

        Assert.Equal("appsettings.json, secret files", layers.OriginOf("Limits:a"));
        Assert.Equal("appsettings.json, secret files", layers.OriginOf("Limits:a:Burst"));
        Assert.Null(layers.OriginOf("Callers"));
    }

    [Fact]
    public void What_the_gateway_concludes_comes_from_what_it_concluded_it_from()
    {
        var layers = Read(Json("appsettings.json", """{ "AZURE_OPENAI_ENDPOINT": "https://resource.openai.azure.com" }"""), DotEnv("AZURE_OPENAI_API_KEY=a-key"));

        UpstreamVariables.Apply(layers, mayUseSimulator: false, new());

        Assert.Equal("appsettings.json", layers.OriginOf("ReverseProxy:Clusters:azureopenai:Destinations:default:Address"));
        Assert.Equal(".env", layers.OriginOf("Credentials:default:ApiKey:Primary"));
        Assert.Equal("appsettings.json, .env", layers.OriginOf("AZURE_OPENAI_ENDPOINT, AZURE_OPENAI_API_KEY"));
    }

    [Fact]
    public void User_secrets_are_called_that_and_no_folder_is_named()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, "UserSecrets")).FullName;
        var secrets = Json("secrets.json", """{ "AZURE_OPENAI_API_KEY": "a-key" }""", folder);

        Assert.Equal("user secrets", Read(secrets).OriginOf("AZURE_OPENAI_API_KEY"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static ConfigurationLayers Read(params IConfigurationSource[] sources) => new(new ConfigurationBuilder(), sources);

    private JsonConfigurationSource Json(string name, string text, string? folder = null)
    {
        File.WriteAllText(Path.Combine(folder ?? _folder, name), text);
        return new() { Path = name, FileProvider = new PhysicalFileProvider(folder ?? _folder) };
    }

    private DotEnvSource DotEnv(string text)
    {
        var path = Path.Combine(_folder, ".env");
        File.WriteAllText(path, text);
        return new(path);
    }

    private KeyPerFileConfigurationSource SecretFile(string name, string text)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, "secrets")).FullName;
        File.WriteAllText(Path.Combine(folder, name), text);
        return new() { FileProvider = new PhysicalFileProvider(folder) };
    }
}
