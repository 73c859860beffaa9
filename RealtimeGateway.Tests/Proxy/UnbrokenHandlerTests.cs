using System.Net.Http.Headers;
using System.Text;
using RealtimeGateway.Proxy;

namespace RealtimeGateway.Tests.Proxy;

public sealed class UnbrokenHandlerTests
{
    private readonly TaskCompletionSource<HttpResponseMessage> _answer = new();
    private readonly TaskCompletionSource _connected = new();
    private readonly Wire _wire;
    private readonly HttpMessageInvoker _client;
    private readonly CancellationTokenSource _waiting = new();
    private Task<HttpResponseMessage>? _inherited;

    public UnbrokenHandlerTests() => _client = new(new UnbrokenHandler(_wire = new Wire(_connected.Task, _answer.Task)));

    [Fact]
    public async Task Who_waits_gets_the_answer_and_there_is_no_heir()
    {
        _connected.SetResult();
        var sending = _client.SendAsync(Marked(), _waiting.Token);
        _answer.SetResult(new());

        Assert.Same(await _answer.Task, await sending);
        Assert.Null(_inherited);
        Assert.Equal(("the offer", "application/sdp", 9L), (_wire.Sent, _wire.Headers?.ContentType?.ToString(), _wire.Headers?.ContentLength));
    }

    [Fact]
    public async Task Once_a_byte_has_gone_out_the_exchange_goes_on_for_the_heir()
    {
        _connected.SetResult();
        var sending = _client.SendAsync(Marked(), _waiting.Token);
        await _waiting.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        Assert.False(_wire.IsBrokenOff);
        _answer.SetResult(new());
        Assert.Same(await _answer.Task, await _inherited!);
    }

    [Fact]
    public async Task Before_a_byte_has_gone_out_the_request_is_broken_off_and_nothing_goes_out_later()
    {
        var sending = _client.SendAsync(Marked(), _waiting.Token);
        await _waiting.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        Assert.True(_wire.IsBrokenOff);
        _connected.SetResult();

        await Assert.ThrowsAsync<HttpRequestException>(() => _inherited!);
        Assert.Null(_wire.Sent);
    }

    [Fact]
    public async Task The_body_goes_out_once()
    {
        _connected.SetResult();
        _answer.SetResult(new());
        var request = Marked();
        await _client.SendAsync(request, _waiting.Token);

        await Assert.ThrowsAsync<HttpRequestException>(() => request.Content!.CopyToAsync(Stream.Null));
    }

    [Fact]
    public async Task Any_other_request_is_broken_off_by_who_sent_it()
    {
        _connected.SetResult();
        var sending = _client.SendAsync(new() { Content = new StringContent("the offer") }, _waiting.Token);
        await _waiting.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        Assert.True(_wire.IsBrokenOff);
        Assert.Null(_inherited);
    }

    private HttpRequestMessage Marked()
    {
        var request = new HttpRequestMessage { Content = new StringContent("the offer", new MediaTypeHeaderValue("application/sdp")) };
        request.Options.Set(UnbrokenHandler.Heir, exchange => _inherited = exchange);
        return request;
    }

    /// <summary>A transport that connects and answers when the test says so.</summary>
    private sealed class Wire(Task connected, Task<HttpResponseMessage> answer) : HttpMessageHandler
    {
        public string? Sent { get; private set; }

        public HttpContentHeaders? Headers { get; private set; }

        public bool IsBrokenOff { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            cancellationToken.Register(() => IsBrokenOff = true);
            await connected; // a connection that is on its way ignores the token for a moment
            Headers = request.Content!.Headers;
            using var line = new MemoryStream();
            await request.Content.CopyToAsync(line, CancellationToken.None);
            Sent = Encoding.UTF8.GetString(line.ToArray());
            return await answer.WaitAsync(cancellationToken);
        }
    }
}
