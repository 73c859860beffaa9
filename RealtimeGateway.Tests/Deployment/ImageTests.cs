using System.Text.RegularExpressions;
using RealtimeGateway.Tests.Infrastructure;
using static RealtimeGateway.Tests.Deployment.Shipped;

namespace RealtimeGateway.Tests.Deployment;

/// <summary>What the Dockerfile says; what comes of it, <see cref="PublishedFolderTests"/> shows.</summary>
public sealed class ImageTests
{
    // Only what is named after a "!" reaches the builder, less what is excluded again after that.
    private static readonly string[] Context = All(".dockerignore", "^!(.+)$");

    [Fact]
    public void It_copies_what_is_there_and_what_the_builder_gets()
    {
        string[] copied = [.. All("Dockerfile", "^COPY (?!--from)(.+) [^ ]+$").SelectMany(sources => sources.Split(' '))];

        Assert.Equal("*", Text(".dockerignore").Split('\n')[1]);
        Assert.All(copied, source => Assert.True(Path.Exists(Path.Combine(Repository.Root, source)), source));
        Assert.Equal(Context.Order(StringComparer.Ordinal), copied.Select(source => source.Split('/')[0]).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(["bin", "obj"], All(".dockerignore", @"^\*\*/(.+)$"));
    }

    [Fact]
    public void It_has_the_version_of_the_program() =>
        Assert.Equal([One("Directory.Build.props", "<Version>(.+)</Version>")], All("Dockerfile", "^ARG VERSION=(.+)$").Distinct());

    [Fact]
    public void It_is_made_for_the_architectures_that_the_program_is_restored_for()
    {
        Assert.Equal("linux-x64;linux-arm64", One("RealtimeGateway/RealtimeGateway.csproj", "<RuntimeIdentifiers>(.+)</RuntimeIdentifiers>"));
        Assert.Equal("linux-x64;linux-arm64", One("RealtimeGateway.Simulator/RealtimeGateway.Simulator.csproj", "<RuntimeIdentifiers>(.+)</RuntimeIdentifiers>"));
        Assert.Equal(2, Regex.Count(Dockerfile, Regex.Escape("""runtime=linux-$(echo "$TARGETARCH" | sed s/amd64/x64/)"""), RegexOptions.None, TimeSpan.FromSeconds(1)));
    }

    [Theory]
    [InlineData("deploy/try-stack.sh")]
    [InlineData("bench/run.sh")]
    public void What_is_tried_and_measured_runs_as_it_does(string script) =>
        Assert.All(
            ImageVariables.Where(variable => variable.Key.StartsWith("DOTNET_", StringComparison.Ordinal) || variable.Key.StartsWith("MALLOC_", StringComparison.Ordinal)),
            variable => Assert.Contains($" {variable.Key}={variable.Value} ", Text(script), StringComparison.Ordinal));

    [Theory]
    [InlineData("\nUSER $APP_UID\n")]
    [InlineData("CMD [\"dotnet\", \"RealtimeGateway.dll\", \"health\"]\n")]
    [InlineData("aspnet:10.0-noble-chiseled\n")]
    [InlineData("org.opencontainers.image.revision=$REVISION")]
    public void It_says(string text) => Assert.Contains(text, Dockerfile, StringComparison.Ordinal);
}
