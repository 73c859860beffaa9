using Microsoft.Extensions.Logging;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Telemetry;

/// <summary>The one line that a request leaves in the log.</summary>
public sealed class RequestLogTests(GatewayBeforeAzure fixture) : GatewayTest(fixture), IClassFixture<GatewayBeforeAzure>
{
    private const string Category = "RealtimeGateway.Telemetry.RequestLog";

    [Fact]
    public async Task A_mint_has_a_line_that_says_where_it_went_and_how_long_that_took()
    {
        Azure.Mints();

        using var response = await Gateway.MintAsync(pathAndQuery: "/sessions?secret=query");

        Assert.Matches(
            "^POST sessions 200 ok: profile assistant, destination default, attempts 1, [0-9.]+ ms, upstream [0-9.]+ ms, own [0-9.]+ ms, caller anonymous, "
            + $"request {Assert.Single(response.Headers.GetValues("x-request-id"))}, apim-request-id leaked-apim-id$", await LineAsync());
    }

    [Fact]
    public async Task What_never_reached_the_proxy_has_a_line_with_its_cause()
    {
        using var response = await Gateway.Http.GetAsync("/calls/rtc_secret", TestContext.Current.CancellationToken);

        Assert.StartsWith("GET /calls/{id} 404 call_not_found: profile none, destination none, attempts 0, ", await LineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_path_that_leads_nowhere_is_not_written_down()
    {
        using var response = await Gateway.Http.GetAsync("/ek_secret%0Aforged", TestContext.Current.CancellationToken);

        Assert.StartsWith("GET none 404 not_found: ", await LineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_scope_of_it_holds_the_path()
    {
        using var response = await Gateway.Http.GetAsync("/calls/rtc_secret", TestContext.Current.CancellationToken);

        await LineAsync();
        var record = Assert.Single(Gateway.Logs.GetSnapshot(), record => record.Category == Category);
        Assert.DoesNotContain(record.Scopes.OfType<IEnumerable<KeyValuePair<string, object?>>>().SelectMany(scope => scope), pair => pair.Key is "RequestPath");
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/metrics")]
    [InlineData("/style.css")]
    public async Task Probes_scrapes_and_static_files_have_none(string path)
    {
        using var response = await Gateway.Http.GetAsync(path, TestContext.Current.CancellationToken);
        using var other = await Gateway.Http.GetAsync("/profiles", TestContext.Current.CancellationToken);

        Assert.StartsWith("GET /profiles 200 ok: ", await LineAsync(), StringComparison.Ordinal); // and no other
    }

    [Fact]
    public async Task Levels_by_category_change_while_the_gateway_runs()
    {
        await using var gateway = Gateway.StartWith(Azure.Url);
        await gateway.ReloadAsync(settings => settings.Set($"Logging:LogLevel:{Category}", "\"warning\""));
        using var silent = await gateway.Http.GetAsync("/calls/a", TestContext.Current.CancellationToken);
        gateway.ChangeSettings(settings => settings["Logging"]!["LogLevel"]!.AsObject().Remove(Category));
        await gateway.WhenLoggedAsync("Configuration 3 is in force");
        using var heard = await gateway.Http.GetAsync("/profiles", TestContext.Current.CancellationToken);

        await gateway.WhenLoggedAsync("GET /profiles");
        Assert.Single(gateway.Logs.GetSnapshot(), record => record.Category == Category);
    }

    [Theory]
    [InlineData("Logging:LogLevel:Default", "Loud")]
    [InlineData("Logging:LogLevel:Default", "17")]
    [InlineData("Logging:Console:LogLevel:RealtimeGateway", "Info")]
    public async Task A_level_that_there_is_not_is_refused_and_the_others_stay(string setting, string level)
    {
        await using var gateway = Gateway.StartWith(Azure.Url);
        gateway.Announce("Configuration refused");

        var verdict = await gateway.ReloadAsync(settings =>
        {
            settings.Set(setting, $"\"{level}\"");
            settings.Set($"Logging:LogLevel:{Category}", "\"None\"");
        });

        Assert.Contains($"{setting} = \"{level}\": must be one of Trace, Debug, Information, Warning, Error, Critical, None", verdict, StringComparison.Ordinal);
        using var heard = await gateway.Http.GetAsync("/profiles", TestContext.Current.CancellationToken);
        await gateway.WhenLoggedAsync("GET /profiles");
    }

    [Fact]
    public void A_level_that_there_is_not_is_refused_at_the_start() => Assert.Contains(
        "must be one of Trace", Gateway.RefusalToStart(new Dictionary<string, string?> { ["Logging:LogLevel:Default"] = "Loud" }), StringComparison.Ordinal);

    private async Task<string> LineAsync()
    {
        await Gateway.WhenLoggedAsync("apim-request-id ");
        var record = Assert.Single(Gateway.Logs.GetSnapshot(), record => record.Category == Category);
        Assert.Equal(LogLevel.Information, record.Level);
        return record.Message;
    }
}
