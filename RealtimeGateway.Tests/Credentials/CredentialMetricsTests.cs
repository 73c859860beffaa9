using RealtimeGateway.Tests.Infrastructure;
using RealtimeGateway.Tests.Telemetry;

namespace RealtimeGateway.Tests.Credentials;

[Collection(nameof(Alone))]
public sealed class CredentialMetricsTests
{
    [Fact]
    public async Task Prometheus_reads_which_key_is_in_use()
    {
        using var azure = new Azure();
        await using var gateway = Gateway.StartWith(azure.Url, new Dictionary<string, string?> { ["Credentials:default:ApiKey:Secondary"] = "second" });
        gateway.Announce("answered 401 to the primary key");
        var credential = gateway.OnlyDestination().Credential!;

        Assert.Equal(["primary 1", "refused 0", "secondary 0"], await StatesAsync(gateway));
        credential.TryTurnFrom(await credential.CurrentAsync(TestContext.Current.CancellationToken));

        // The exporter answers from its cache for a moment.
        await Eventually.ShouldAsync(async () => (await StatesAsync(gateway)).SequenceEqual(["primary 0", "refused 0", "secondary 1"]));
    }

    private static async Task<string[]> StatesAsync(Gateway gateway) =>
    [
        .. from line in (await gateway.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken)).Split('\n')
           where line.StartsWith("realtime_gateway_credential_state{", StringComparison.Ordinal)
           let labels = line.Replace("otel_scope_name=\"RealtimeGateway\",", "", StringComparison.Ordinal)
           orderby labels
           select labels.Replace("realtime_gateway_credential_state{credential=\"default\",state=\"", "", StringComparison.Ordinal).Replace("\"}", "", StringComparison.Ordinal),
    ];
}
