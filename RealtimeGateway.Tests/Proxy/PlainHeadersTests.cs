using System.Text;
using RealtimeGateway.Tests.Hostile;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Proxy;

/// <summary>A header that cannot be sent on is its caller's fault, and never the destination's.</summary>
public sealed class PlainHeadersTests : IAsyncDisposable
{
    private readonly Azure _azure = new();
    private readonly Gateway _gateway;

    public PlainHeadersTests()
    {
        _azure.Mints();
        _gateway = Gateway.StartWith(_azure.Url, change: settings =>
        {
            settings.AddChatRoute();
            settings.Set("ReverseProxy:Routes:chat:Transforms", """[ { "RequestHeadersAllowed": "x-trace" } ]""");
        });
    }

    public static MatrixTheoryData<string, string> Headers => new(
        ["/sessions Accept", "/calls Accept", "/openai/v1/chat/completions Accept", "/openai/v1/chat/completions Content-Type", "/openai/v1/chat/completions x-trace"],
        ["\u00E9", new('a', 4097)]);

    [Theory]
    [MemberData(nameof(Headers), DisableDiscoveryEnumeration = true)]
    public async Task It_is_refused_by_name_however_often_it_comes(string where, string value)
    {
        var (path, header) = where.Split(' ') is [var first, var second] ? (first, second) : throw new ArgumentException(where, nameof(where));
        for (var i = 0; i < 4; i++) // more than open a circuit
        {
            var answer = await SendAsync($"POST {path} HTTP/1.1", path is "/calls" ? "application/sdp" : "application/json", path is "/calls" ? Calls.Calling.Offer : "{}", header, value);
            Assert.Equal("400 invalid_request", answer.Verdict());
            Assert.Contains($"\"param\":\"{header}\"", answer.Text, StringComparison.Ordinal);
        }

        Assert.Equal(0, _azure.Requests);
        using var minted = await _gateway.MintAsync();
        Assert.Equal(200, (int)minted.StatusCode);
    }

    [Fact]
    public async Task So_is_one_on_a_socket()
    {
        var handshake = Encoding.ASCII.GetString(HostileFrames.Handshake("/realtime")).Replace("Host: localhost", "Host: localhost\r\nAccept: \u00E9", StringComparison.Ordinal);
        var (answers, _) = Answer.ReadAll(await Wire.SayAsync(_gateway, Encoding.UTF8.GetBytes(handshake), isEnough: heard => heard.Length > 0));

        Assert.Equal("400 invalid_request", Assert.Single(answers).Verdict());
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        _azure.Dispose();
    }

    private async Task<Answer> SendAsync(string line, string type, string body, string header, string value)
    {
        var headers = header is "Content-Type" ? $"Content-Type: {type}; x={value}" : $"Content-Type: {type}\r\n{header}: {value}";
        var bytes = Encoding.UTF8.GetBytes($"{line}\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        return Assert.Single(Answer.ReadAll(await Wire.SayAsync(_gateway, bytes, Wire.Bound)).Answers);
    }
}
