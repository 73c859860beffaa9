using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Web;

/// <summary>What an HTTP/2 connection may bring, seen from its frames.</summary>
public sealed class Http2InboundTests : IAsyncDisposable
{
    // RFC 9113, 7.
    private const uint NoError = 0, RefusedStream = 7, CompressionError = 9;

    private const string Protocols = "Kestrel:EndpointDefaults:Protocols";

    private readonly Azure _azure = new();
    private Gateway _gateway = null!;

    [Fact]
    public async Task One_request_too_many_at_the_same_time_is_refused_and_the_others_go_on()
    {
        using var connection = await StartAsync(("Inbound:MaxStreamsPerConnection", "1"));
        await connection.BeginAsync(stream: 1, hasBody: true);

        await connection.BeginAsync(stream: 3, hasBody: true);
        var refusal = await connection.HearAsync(frame => frame.Type is Http2Frame.Reset);

        Assert.Equal((3, RefusedStream), (refusal.Stream, refusal.ErrorCode));
        await connection.SendBodyAsync(stream: 1, "{"u8.ToArray());
    }

    [Fact]
    public async Task Compression_with_a_larger_table_than_allowed_ends_the_connection()
    {
        using var connection = await StartAsync(("Inbound:MaxHeaderTableBytes", "16"));

        // RFC 7541, 6.3: the table is to have 17 bytes.
        await connection.BeginAsync(stream: 1, hasBody: false, before: [0b0011_0001]);
        var goodbye = await connection.HearAsync(frame => frame.Type is Http2Frame.GoAway);

        Assert.Equal(CompressionError, goodbye.ErrorCode);
    }

    [Fact]
    public async Task Large_headers_are_431()
    {
        using var connection = await StartAsync(("Inbound:MaxHeaderBytes", "8192"));

        await connection.BeginAsync(stream: 1, hasBody: false, Enumerable.Range(0, 5).Select(i => ($"x-{i}", new string('a', 2048))));

        await connection.HearAsync(frame => frame.HasStatus("431"));
    }

    [Fact]
    public async Task One_header_larger_than_all_may_be_ends_the_connection()
    {
        using var connection = await StartAsync(("Inbound:MaxHeaderBytes", "1024"));

        await connection.BeginAsync(stream: 1, hasBody: false, [("x-large", new string('a', 1025))]);
        var goodbye = await connection.HearAsync(frame => frame.Type is Http2Frame.GoAway);

        Assert.Equal(CompressionError, goodbye.ErrorCode);
    }

    [Fact]
    public async Task Many_headers_are_431()
    {
        using var connection = await StartAsync();

        await connection.BeginAsync(stream: 1, hasBody: false, Enumerable.Range(0, 65).Select(i => ($"x-{i}", "a")));

        await connection.HearAsync(frame => frame.HasStatus("431"));
    }

    [Fact]
    public async Task A_header_that_does_not_end_ends_the_connection()
    {
        using var connection = await StartAsync(("Inbound:HeaderTimeout", "00:00:01"));

        await connection.BeginAsync(stream: 1, hasBody: false, isWhole: false);

        await connection.HearTheEndAsync();
    }

    [Fact]
    public async Task A_body_that_trickles_in_ends_the_connection()
    {
        using var connection = await StartAsync(("Inbound:MinRateGrace", "00:00:02"));

        await connection.BeginAsync(stream: 1, hasBody: true);
        await connection.SendBodyAsync(stream: 1, "{"u8.ToArray());

        await connection.HearTheEndAsync();
    }

    [Fact]
    public async Task A_small_body_that_is_kept_for_another_destination_may_not_trickle_in_either()
    {
        _gateway = Gateway.Start(new Dictionary<string, string?> { ["Inbound:MinRateGrace"] = "00:00:02", [Protocols] = "Http2", ["Credentials:west:ApiKey:Primary"] = Gateway.Key }, settings =>
        {
            var one = $$"""{ "Address": "{{_azure.Url}}", "Metadata": { "Credential": "west" } }""";
            settings.Set("ReverseProxy:Clusters:azureopenai:Destinations", $$"""{ "one": {{one}}, "two": {{one}} }""");
            settings.AddChatRoute();
        });
        using var connection = await RawHttp2.OpenAsync(_gateway);

        await connection.BeginAsync(stream: 1, hasBody: true, [("content-length", "100")], path: "/openai/v1/chat/completions");
        await connection.SendBodyAsync(stream: 1, "{"u8.ToArray());

        await connection.HearTheEndAsync();
    }

    [Fact]
    public async Task A_silent_connection_is_ended()
    {
        using var connection = await StartAsync(("Inbound:IdleTimeout", "00:00:01"));

        Assert.Equal(NoError, (await connection.HearAsync(frame => frame.Type is Http2Frame.GoAway)).ErrorCode);
    }

    public async ValueTask DisposeAsync()
    {
        Assert.Equal(0, _azure.Requests);
        if (_gateway is not null)
            await _gateway.DisposeAsync();
        _azure.Dispose();
    }

    private Task<RawHttp2> StartAsync(params (string Key, string Value)[] variables)
    {
        var all = variables.Append((Key: Protocols, Value: "Http2"));
        _gateway = Gateway.StartWith(_azure.Url, all.ToDictionary(pair => pair.Key, pair => (string?)pair.Value));
        return RawHttp2.OpenAsync(_gateway);
    }
}
