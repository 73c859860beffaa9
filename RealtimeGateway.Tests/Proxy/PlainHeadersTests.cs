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

    [Theory]
    [InlineData("/sessions", "Accept")]
    [InlineData("/calls", "Accept")]
    [InlineData("/openai/v1/chat/completions", "Accept")]
    [InlineData("/openai/v1/chat/completions", "Content-Type")]
    [InlineData("/openai/v1/chat/completions", "x-trace")]
    public async Task It_is_refused_by_name_however_often_it_comes(string path, string header)
    {
        for (var i = 0; i < 4; i++) // more than open a circuit
        {
            var answer = await SendAsync($"POST {path} HTTP/1.1", path is "/calls" ? "application/sdp" : "application/json", path is "/calls" ? Calls.Calling.Offer : "{}", header);
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

    private async Task<Answer> SendAsync(string line, string type, string body, string header)
    {
        var headers = header is "Content-Type" ? $"Content-Type: {type}; x=\u00E9" : $"Content-Type: {type}\r\n{header}: \u00E9";
        var bytes = Encoding.UTF8.GetBytes($"{line}\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        return Assert.Single(Answer.ReadAll(await Wire.SayAsync(_gateway, bytes, Wire.Bound)).Answers);
    }
}
