using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using RealtimeGateway.Proxy;
using RealtimeGateway.Simulator.Breaking;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Proxy;

/// <summary>A caller who takes the request's time for itself must not be able to make a destination look ill.</summary>
public sealed class SlowCallerTests
{
    [Fact]
    public async Task A_mint_that_used_up_its_time_before_it_was_there_says_nothing_of_the_destination()
    {
        var time = new ShiftingTime();
        await using var regions = await Regions.StartAsync(1, settings => settings.Set("ReverseProxy:Clusters:azureopenai:Metadata:CircuitFailures", "\"1\""), time);
        regions.One.Faults.Inject(new() { Effect = FaultEffect.Hang, Operation = FaultOperation.Mint });
        regions.Gateway.Announce("Forwarding failed: timeout");
        // The body is asked for once the gateway reads it; by then its time runs.
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sessions") { Content = new LateBody(() => time.Advance(TimeSpan.FromSeconds(14.8))) };
        request.Headers.ExpectContinue = true;
        using var http = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromSeconds(30) }) { BaseAddress = regions.Gateway.Http.BaseAddress };

        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);

        await response.ShouldFailAsync(504, "upstream_timeout");
        Assert.Equal("healthy", StateOf(regions.Gateway));
    }

    [Fact]
    public async Task A_destination_that_a_mint_had_its_time_for_and_that_did_not_answer_is_out()
    {
        await using var regions = await Regions.StartAsync(1, settings =>
        {
            settings.Set("ReverseProxy:Clusters:azureopenai:Metadata:CircuitFailures", "\"1\"");
            settings.Set("ReverseProxy:Routes:sessions:Metadata:Timeout", "\"00:00:02\"");
        });
        regions.One.Faults.Inject(new() { Effect = FaultEffect.Hang, Operation = FaultOperation.Mint });
        regions.Gateway.Announce("Forwarding failed: timeout");

        Assert.Equal(HttpStatusCode.GatewayTimeout, await regions.MintAsync());

        Assert.Equal("failing", StateOf(regions.Gateway));
    }

    [Fact]
    public async Task An_upload_that_does_not_come_to_an_end_says_nothing_of_the_destination()
    {
        await using var upstream = await ScriptedUpstream.StartAsync(context => context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted));
        await using var gateway = StartUpload(upstream);
        gateway.Announce("Forwarding failed: timeout");
        using var caller = new TcpClient();
        await caller.ConnectAsync("127.0.0.1", gateway.Http.BaseAddress!.Port, TestContext.Current.CancellationToken);
        await using var stream = caller.GetStream();
        await stream.WriteAsync("POST /upload HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);

        Assert.Equal("HTTP/1.1 504 Gateway Timeout", await reader.ReadLineAsync(TestContext.Current.CancellationToken));
        Assert.Equal("healthy", StateOf(gateway));
    }

    [Fact]
    public async Task A_destination_that_does_not_answer_a_whole_upload_is_out()
    {
        var over = new TaskCompletionSource();
        await using var upstream = await ScriptedUpstream.StartAsync(_ => over.Task);
        await using var gateway = StartUpload(upstream);
        gateway.Announce("Forwarding failed: timeout");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/upload") { Content = new LateBody(() => { }) };
        request.Headers.TransferEncodingChunked = true;

        using var response = await gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);
        over.SetResult();

        await response.ShouldFailAsync(504, "upstream_timeout");
        Assert.Equal("failing", StateOf(gateway));
    }

    [Fact]
    public void An_attempt_whose_time_runs_out_late_does_not_end_the_next_one()
    {
        var context = new DefaultHttpContext();
        using var clock = new RequestClock(context, TimeSpan.FromMinutes(1), TimeProvider.System);
        clock.BeginAttempt(TimeSpan.FromSeconds(30));
        var first = context.RequestAborted;

        clock.BeginAttempt(TimeSpan.FromSeconds(30));

        Assert.NotEqual(first, context.RequestAborted);
    }

    private static Gateway StartUpload(ScriptedUpstream upstream) => Gateway.Start(Gateway.Generous, settings =>
    {
        Regions.AddDestination(settings, "one", upstream.Url);
        settings.Set("ReverseProxy:Clusters:azureopenai:Metadata:CircuitFailures", "\"1\"");
        settings.Set("ReverseProxy:Routes:upload", """{ "ClusterId": "azureopenai", "Match": { "Path": "/upload" }, "Metadata": { "Timeout": "00:00:01" } }""");
    });

    private static string StateOf(Gateway gateway)
    {
        var destination = Assert.Single(gateway.Snapshot().Destinations.All);
        return destination.Report().State;
    }

    /// <summary>A body that does something before it is sent.</summary>
    private sealed class LateBody : HttpContent
    {
        private readonly Action _before;

        public LateBody(Action before)
        {
            _before = before;
            Headers.ContentType = new("application/json");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            _before();
            await stream.WriteAsync("{}"u8.ToArray());
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 2;
            return true;
        }
    }
}
