using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using RealtimeGateway.Configuration;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Credentials;

public sealed class SecretFilesTests : IDisposable
{
    private const string Primary = "Credentials__default__ApiKey__Primary";
    private const string Secondary = "Credentials__default__ApiKey__Secondary";

    private readonly SecretVolume _volume = new();
    private readonly Azure _azure = new();

    [Fact]
    public async Task A_file_is_the_key_that_it_is_named_after()
    {
        _volume.Write((Primary, "key-of-the-file\n"));
        await using var gateway = Start();
        _azure.Mints();
        using var minted = await gateway.MintAsync();

        Assert.Equal("key-of-the-file", _azure.Received.Headers!["api-key"].Single());
    }

    [Fact]
    public async Task A_volume_that_was_turned_is_in_force_within_five_seconds()
    {
        _volume.Write((Primary, "old"), (Secondary, "old-2"));
        await using var gateway = Start();
        var turned = TimeProvider.System.GetTimestamp();

        var verdict = await VerdictAsync(gateway, () => _volume.Write((Primary, "new"), (Secondary, "old-2")));

        Assert.Contains("Configuration 2 is in force", verdict, StringComparison.Ordinal);
        Assert.InRange(TimeProvider.System.GetElapsedTime(turned), TimeSpan.Zero, TimeSpan.FromSeconds(5) + Eventually.Slack);
        Assert.Equal("new", await SentByAsync(gateway));
    }

    [Fact]
    public async Task A_file_of_no_volume_that_is_written_anew_counts_too()
    {
        Directory.CreateDirectory(_volume.Path);
        await File.WriteAllTextAsync(_volume.In(Primary), "old", TestContext.Current.CancellationToken);
        await using var gateway = Start();

        await VerdictAsync(gateway, () => File.WriteAllText(_volume.In(Primary), "new"));

        Assert.Equal("new", await SentByAsync(gateway));
    }

    [Fact]
    public async Task A_secret_that_is_taken_away_for_good_is_gone()
    {
        _volume.Write((Primary, "first"), (Secondary, "second"));
        await using var gateway = Start();

        var verdict = await VerdictAsync(gateway, () => _volume.Write((Primary, "first")));

        Assert.Contains("Configuration 2 is in force", verdict, StringComparison.Ordinal);
        var credential = gateway.OnlyDestination().Credential!;
        Assert.False(credential.TryTurnFrom(await credential.CurrentAsync(TestContext.Current.CancellationToken)));
        gateway.Announce("answered 401");
    }

    [Fact]
    public async Task A_volume_whose_files_are_gone_is_refused_and_the_last_good_keys_go_on()
    {
        _volume.Write((Primary, "first"));
        await using var gateway = Start();
        gateway.Announce("Configuration refused");

        Assert.Contains($"{Primary}: is missing", await VerdictAsync(gateway, _volume.Lose), StringComparison.Ordinal);
        Assert.Equal("first", await SentByAsync(gateway));

        Assert.Contains("is in force", await VerdictAsync(gateway, _volume.Restore), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_volume_that_lacks_its_files_for_a_moment_has_not_changed()
    {
        _volume.Write((Primary, "first"));
        await using var gateway = Start(services => services.AddSingleton<TimeProvider>(new FakeTimeProvider())); // nobody else looks
        var watcher = ActivatorUtilities.CreateInstance<ConfigurationWatcher>(gateway.Services);
        await LookAsync(watcher, 5);

        _volume.Lose();
        await LookAsync(watcher, 12);
        _volume.Restore();
        await LookAsync(watcher, 5);
        Assert.Equal("1", gateway.Snapshot().Version);
        Assert.Null(gateway.Services.GetRequiredService<LiveConfiguration>().Rejection);

        gateway.Announce("Configuration refused");
        _volume.Lose();
        await LookAsync(watcher, 13);
        Assert.NotNull(gateway.Services.GetRequiredService<LiveConfiguration>().Rejection);
    }

    [Fact]
    public async Task A_directory_that_appears_later_mends_the_refusal()
    {
        _volume.Write((Primary, "first"));
        await using var gateway = Start();
        gateway.Announce("Configuration refused");

        var verdict = await gateway.ReloadAsync(settings => settings.Set("Secrets:Directory", $"\"{_volume.Path}-new\""));
        Assert.Contains($"Secrets:Directory = \"{_volume.Path}-new\": is no directory", verdict, StringComparison.Ordinal);
        var mended = await VerdictAsync(gateway, () => Directory.Move(_volume.Path, _volume.Path + "-new"));

        Assert.Contains("is in force", mended, StringComparison.Ordinal);
        Assert.Equal("first", await SentByAsync(gateway));
    }

    [Theory]
    [InlineData("/nowhere/at-all", "Secrets:Directory = \"/nowhere/at-all\": is no directory")]
    [InlineData("a-secret-in-the-wrong-place", "Secrets:Directory: must be the absolute path of a directory")]
    public void A_directory_that_is_none_keeps_the_gateway_from_starting(string directory, string expected)
    {
        var refusal = Gateway.RefusalToStart(new Dictionary<string, string?> { ["Secrets:Directory"] = directory });

        Assert.Contains(expected, refusal, StringComparison.Ordinal);
        Assert.DoesNotContain("a-secret-in-the-wrong-place", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_misspelt_key_of_the_section_is_named() => Assert.Contains(
        "Secrets:Folder: is not a known key; known here: Directory",
        Gateway.RefusalToStart(new Dictionary<string, string?> { ["Secrets:Folder"] = "/run/secrets" }),
        StringComparison.Ordinal);

    [Fact]
    public void Hidden_entries_and_sub_directories_are_not_read()
    {
        _volume.Write(("A__B", "value"));
        Directory.CreateDirectory(_volume.In("Folder__Key"));
        File.WriteAllText(_volume.In(".hidden"), "hidden");

        var configuration = Read([]);

        Assert.Equal("value", configuration["A:B"]);
        Assert.DoesNotContain(configuration.AsEnumerable(), pair => pair.Key.Contains("..", StringComparison.Ordinal) || pair.Key is "Folder:Key" or ".hidden");
    }

    [Fact]
    public void A_secret_file_beats_the_settings_file_and_the_environment_beats_both()
    {
        _volume.Write(("Key", "secret file"), ("Other", "secret file"), ("AZURE_OPENAI_API_KEY", "secret file"));

        var configuration = Read(new() { ["Other"] = "environment" }, """, "Key": "settings file", "Other": "settings file" """);

        Assert.Equal(("secret file", "environment", "secret file"), (configuration["Key"], configuration["Other"], configuration["AZURE_OPENAI_API_KEY"]));
    }

    [Fact]
    public void A_secret_that_vanishes_is_noticed_as_such()
    {
        _volume.Write((Primary, "first"));
        var sources = Sources([]);
        sources.Read();
        Assert.False(sources.LackSecrets);

        _volume.Lose();

        Assert.True(sources.LackSecrets);
        Assert.NotEqual(sources.LastRead, sources.Contents());
        _volume.Restore();
        Assert.False(sources.LackSecrets);
        Assert.Equal(sources.LastRead, sources.Contents());
    }

    [Fact]
    public void A_file_with_another_name_is_a_change()
    {
        _volume.Write(("One", "value"));
        var sources = Sources([]);
        sources.Read();

        _volume.Write(("Two", "value"));

        Assert.NotEqual(sources.LastRead, sources.Contents());
    }

    public void Dispose()
    {
        _azure.Dispose();
        _volume.Dispose();
    }

    private Gateway Start(Action<IServiceCollection>? services = null) => Gateway.Start(
        new Dictionary<string, string?> { ["AZURE_OPENAI_ENDPOINT"] = _azure.Url },
        settings => settings.Set("Secrets:Directory", $"\"{_volume.Path}\""),
        services: services);

    private static async Task LookAsync(ConfigurationWatcher watcher, int times)
    {
        for (var look = 0; look < times; look++)
            await watcher.LookAsync();
    }

    private static Task<string> VerdictAsync(Gateway gateway, Action change)
    {
        gateway.Logs.Clear();
        change();
        return gateway.WhenReloadedAsync();
    }

    private static async Task<string> SentByAsync(Gateway gateway) =>
        (await gateway.OnlyDestination().Credential!.CurrentAsync(TestContext.Current.CancellationToken)).Sent().Value;

    private IConfigurationRoot Read(Dictionary<string, string?> environment, string more = "") => Sources(environment, more).Read().Root;

    private ConfigurationSources Sources(Dictionary<string, string?> environment, string more = "")
    {
        var file = Path.Combine(Path.GetDirectoryName(_volume.Path)!, "appsettings.json");
        File.WriteAllText(file, $$"""{ "Secrets": { "Directory": "{{_volume.Path}}" } {{more}} }""");
        var builder = Host.CreateEmptyApplicationBuilder(new() { EnvironmentName = "Production" });
        builder.Configuration.AddJsonFile(file);
        builder.Configuration.AddInMemoryCollection(environment);
        ConfigurationSources.Prepare(builder);
        return new(builder.Configuration);
    }
}
