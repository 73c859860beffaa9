using System.Globalization;
using System.Text.Json.Nodes;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Telemetry;

/// <summary>What a real Prometheus knows after a while of mixed traffic, and whether the board shows it.</summary>
[Collection(nameof(Alone))]
public sealed class PrometheusTests(MixedTraffic traffic) : IClassFixture<MixedTraffic>
{
    private static readonly string Board = Path.Combine(Repository.Root, "deploy", "grafana", "realtime-gateway.json");

    [Fact]
    public async Task Counts_are_those_that_the_clients_saw_to_the_unit()
    {
        Assert.Equal(traffic.Saw("ok", "/sessions"), await SumAsync("""realtime_gateway_sessions_total{route="sessions",outcome="ok"}"""));
        Assert.Equal(traffic.Saw("upstream_unavailable"), await SumAsync("""realtime_gateway_sessions_total{outcome="upstream_unavailable"}"""));
        Assert.Equal(traffic.Saw("ok", "/calls"), await SumAsync("""realtime_gateway_sessions_total{route="calls",outcome="ok"}"""));
        Assert.Equal(traffic.Saw("ok", "/realtime"), await SumAsync("""realtime_gateway_sessions_total{route="realtime",outcome="ok"}"""));
        Assert.Equal(traffic.Saw("upstream_unavailable"), await SumAsync("""realtime_gateway_rejections_total{reason="upstream_unavailable"}"""));
        Assert.Equal(traffic.Saw("invalid_json"), await SumAsync("""realtime_gateway_rejections_total{reason="caller_invalid_json"}"""));
        Assert.Equal(traffic.Saw("field_not_allowed"), await SumAsync("""realtime_gateway_rejections_total{reason="policy_field_not_allowed"}"""));
        Assert.Equal(traffic.Saw("not_found"), await SumAsync("""realtime_gateway_rejections_total{reason="caller_not_found"}"""));
        Assert.Equal(traffic.Saw("rate_limit_exceeded"), await SumAsync("""realtime_gateway_limits_decisions_total{rule="sessionsperday",decision="refused"}"""));
        Assert.True(traffic.Saw("rate_limit_exceeded") > 0);
        Assert.Equal(traffic.CallsBegun - traffic.CallsHungUp, await SumAsync("""realtime_gateway_calls_active"""));
        Assert.Equal(traffic.CallsHungUp, await SumAsync("""realtime_gateway_calls_ended_total{way="relay",reason="hangup"}"""));
        Assert.Equal(traffic.Sockets, await SumAsync("""realtime_gateway_calls_ended_total{way="socket",reason="caller_closed"}"""));
        Assert.Equal(traffic.Tokens, await SumAsync("gen_ai_client_token_usage_sum"));
    }

    public static TheoryData<string, string> Queries()
    {
        var data = new TheoryData<string, string>();
        foreach (var panel in JsonNode.Parse(File.ReadAllText(Board))!["panels"]!.AsArray().Where(panel => panel!["targets"] is not null))
        {
            foreach (var target in panel!["targets"]!.AsArray())
                data.Add((string)panel["title"]!, (string)target!["expr"]!);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Queries))]
    public async Task No_panel_of_the_board_is_empty_or_in_error(string panel, string query)
    {
        var values = await traffic.Prometheus.QueryAsync(query.Replace("$__rate_interval", "5m", StringComparison.Ordinal));

        Assert.True(values.Count > 0, $"{panel}: {query}");
        Assert.True(values.Values.Any(value => !double.IsNaN(value)), string.Create(CultureInfo.InvariantCulture, $"{panel}: nothing but NaN"));
    }

    [Fact]
    public async Task The_rules_for_alerts_can_be_read_from_these_metrics()
    {
        var ratio = await traffic.Prometheus.SumAsync("""
            sum(rate(realtime_gateway_sessions_total{outcome=~"upstream_.+|no_destination",outcome!="upstream_rejected"}[5m]) or rate(realtime_gateway_rejections_total{reason=~"gateway_(internal_error|issuer_away|keys_unavailable|limits_unavailable)"}[5m]) or vector(0))
            / sum(rate(realtime_gateway_sessions_total{outcome!="internal_error"}[5m]) or rate(realtime_gateway_rejections_total{reason=~"gateway_(internal_error|issuer_away|keys_unavailable|limits_unavailable)"}[5m]))
            """);

        Assert.InRange(ratio, 0.001, 0.5);
        foreach (var state in new[] { "realtime_gateway_destination_state{state=\"healthy\"}", "realtime_gateway_credential_state", "realtime_gateway_config_state{state=\"rejected\"}", "realtime_gateway_limits_store_state{state=\"away\"}" })
            Assert.NotEmpty(await traffic.Prometheus.QueryAsync(state));
    }

    private Task<double> SumAsync(string series) => traffic.Prometheus.SumAsync($"sum({series})");
}
