using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;
using RealtimeGateway.Commands;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Commands;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData]
    [InlineData("--urls", "http://localhost:1")]
    [InlineData("--urls=http://localhost:1")]
    [InlineData("/urls=http://localhost:1")]
    [InlineData("/urls", "http://localhost:1")]
    [InlineData("urls=http://localhost:1")]
    public async Task What_the_host_understands_starts_the_gateway(params string[] args) =>
        Assert.Null((await RunAsync(args)).ExitCode);

    [Theory]
    [InlineData("help")]
    [InlineData("--help")]
    [InlineData("-h")]
    public async Task Help_names_every_command(string asked)
    {
        var (exitCode, output, error) = await RunAsync(asked);

        Assert.Equal((0, ""), (exitCode, error));
        Assert.All(["new-key [NAME]", "validate [FILE…] [--json]", "print-config [--json]", "doctor [DESTINATION…] [--json]", "health [URL]"], command => Assert.Contains($"RealtimeGateway {command}", output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_command_that_does_not_exist_is_wrong_usage_and_starts_nothing()
    {
        var (exitCode, output, error) = await RunAsync("valdiate");

        Assert.Equal((2, ""), (exitCode, output));
        Assert.StartsWith("There is no command valdiate.", error, StringComparison.Ordinal);
        Assert.Contains("RealtimeGateway validate", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("validate", "--jsn")]
    [InlineData("validate", "--environment")]
    [InlineData("validate", "--environment=")]
    [InlineData("validate", "--Limits:sessions:Permits=1")]
    [InlineData("print-config", "appsettings.json")]
    [InlineData("print-config", "--secrets")]
    public async Task An_argument_that_a_command_does_not_know_is_wrong_usage(params string[] args)
    {
        var (exitCode, output, error) = await RunAsync(args);

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains("is not understood here", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Production")]
    [InlineData("Development")]
    public void Commands_read_the_sources_that_the_gateway_reads_in_the_same_order(string environment)
    {
        var host = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = environment, ApplicationName = "RealtimeGateway", ContentRootPath = Repository.Root });

        Assert.Equal(Named(((IConfigurationBuilder)host.Configuration).Sources), Named(OfflineGateway.SourcesFor(host.Environment, files: [])));
    }

    // The host's command line and what it keeps in memory are no files or variables.
    private static string[] Named(IEnumerable<IConfigurationSource> sources) =>
    [
        .. sources.Select(source => source switch
        {
            JsonConfigurationSource json => json.Path,
            EnvironmentVariablesConfigurationSource variables => $"variables {variables.Prefix}",
            _ => null,
        }).OfType<string>(),
    ];

    private static async Task<(int? ExitCode, string Output, string Error)> RunAsync(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = await CommandLine.RunAsync(args, new(output, error, _ => Assert.Fail("Nothing was to be built.")));
        return (exitCode, output.ToString(), error.ToString());
    }
}
