using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using RealtimeGateway.Tests.Calls;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Proxy;

/// <summary>A caller that leaves while its body is read has made no mistake of the gateway's, and nothing is begun for it.</summary>
public sealed class LeavingCallerTests : IAsyncDisposable
{
    private static readonly Exception[] HowItIsTold = [new IOException("The client reset the request stream."), new ConnectionAbortedException("The request was aborted.")];

    public static readonly MatrixTheoryData<string, int> Readers = new(
        ["/sessions", "/calls", "/openai/v1/realtime/client_secrets", "/openai/v1/chat/completions", "/telemetry/webrtc"], Enumerable.Range(0, HowItIsTold.Length));

    private readonly Azure _azure = new();
    private Gateway? _gateway;

    /// <summary>HTTP/2 tells whoever gives back what has been read that the request was reset meanwhile, or ended by a rule of HTTP/2.</summary>
    [Theory]
    [MemberData(nameof(Readers))]
    public async Task One_that_takes_its_request_back_when_it_has_been_read_is_gone(string path, int how)
    {
        var (type, body) = path switch
        {
            "/calls" => ("application/sdp", Calling.Offer),
            "/telemetry/webrtc" => ("application/json", """{"profile":"assistant","way":"token"}"""),
            _ => ("application/json", "{}"),
        };
        Start("Http1", services => services.AddSingleton<IStartupFilter>(new StepBefore(app => app.Use((context, next) =>
        {
            context.Features.Set<IRequestBodyPipeFeature>(new TakenBack(Encoding.UTF8.GetBytes(body), HowItIsTold[how]));
            return next(context);
        }))));

        Assert.Equal(499, await _gateway!.CallAsync(body, type, path).StatusAsync());
        await ShouldBeGoneAsync();
    }

    [Theory]
    [InlineData("reset")]
    [InlineData("longer than announced")]
    [InlineData("broken off")]
    public async Task One_whose_request_ends_while_it_is_read_is_gone(string how)
    {
        Start("Http2");
        using var connection = await RawHttp2.OpenAsync(_gateway!);
        await connection.BeginAsync(stream: 1, hasBody: true, [("content-length", "2")]);

        if (how == "reset")
            await connection.ResetAsync(stream: 1);
        else if (how == "broken off")
            connection.Dispose();
        else
            await connection.SendBodyAsync(stream: 1, "{ }"u8.ToArray());

        await ShouldBeGoneAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null)
            await _gateway.DisposeAsync();
        _azure.Dispose();
    }

    private async Task ShouldBeGoneAsync()
    {
        Assert.Contains(" 499 caller_gone: ", await _gateway!.WhenLoggedAsync("apim-request-id "), StringComparison.Ordinal);
        Assert.Equal(0, _azure.Requests);
    }

    private void Start(string protocol, Action<IServiceCollection>? services = null) => _gateway = Gateway.Start(
        new Dictionary<string, string?> { ["Kestrel:EndpointDefaults:Protocols"] = protocol },
        settings =>
        {
            Regions.AddDestination(settings, "one", _azure.Url);
            Regions.AddDestination(settings, "two", _azure.Url);
            settings.AddChatRoute();
        },
        services: services);

    /// <summary>A body that came whole, of a request that is no more when it has been read.</summary>
    private sealed class TakenBack(byte[] body, Exception left) : PipeReader, IRequestBodyPipeFeature
    {
        public PipeReader Reader => this;

        public override bool TryRead(out ReadResult result)
        {
            result = new(new(body), isCanceled: false, isCompleted: true);
            return true;
        }

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => new(new ReadResult(new(body), isCanceled: false, isCompleted: true));

        public override void AdvanceTo(SequencePosition consumed) => throw left;

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => throw left;

        public override void CancelPendingRead()
        {
        }

        public override void Complete(Exception? exception = null)
        {
        }
    }
}
