using System.IO.Pipelines;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RealtimeGateway.Calls;
using RealtimeGateway.Tests.Infrastructure;
using Yarp.ReverseProxy;

namespace RealtimeGateway.Tests.Calls;

/// <summary>A caller that is gone before it has its answer leaves no call behind that somebody pays for.</summary>
public sealed class OrphanedCallTests : IAsyncLifetime
{
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CallingAzure _azure = null!;
    private Gateway _gateway = null!;

    public async ValueTask InitializeAsync() => _azure = await CallingAzure.StartAsync();

    public async ValueTask DisposeAsync()
    {
        _gateway.AssertNoSecretLogged();
        await _gateway.DisposeAsync();
        await _azure.DisposeAsync();
    }

    [Fact]
    public async Task One_that_leaves_while_the_secret_is_minted_has_sent_no_offer()
    {
        Start();
        _azure.OnMint = async context =>
        {
            _arrived.TrySetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        };

        await LeaveAsync();

        await _gateway.WhenLoggedAsync("The caller left before it got its answer");
        Assert.Empty(_azure.Offers);
    }

    [Fact]
    public async Task One_that_leaves_while_the_service_thinks_is_hung_up_when_the_answer_comes()
    {
        Start(("Limits:sessionsatonce:Permits", "1"));
        _azure.OnCall = AnswerLateAsync;

        await LeaveAsync();
        await _gateway.WhenLoggedAsync("The caller left before it got its answer");
        Assert.Empty(_azure.HangUps);
        _goOn.SetResult();

        await ShouldHangUpAsync();
        // Nor does it count as a call any more.
        _azure.OnCall = context => CallingAzure.AnswerAsync(context);
        Assert.Equal(201, await _gateway.CallAsync().StatusAsync());
    }

    [Fact]
    public async Task One_whose_time_is_up_is_told_so_and_hung_up_when_the_answer_comes()
    {
        Start(("ReverseProxy:Routes:calls:Metadata:Timeout", "00:00:02"));
        _azure.OnCall = AnswerLateAsync;
        _gateway.Announce("Forwarding failed: timeout");

        using var response = await _gateway.CallAsync();
        await response.ShouldFailAsync(504, "upstream_timeout");
        Assert.Equal(["false"], response.Headers.GetValues("x-should-retry"));
        Assert.Empty(_azure.HangUps);
        _goOn.SetResult();

        await ShouldHangUpAsync();
        Assert.Single(_azure.Offers);
    }

    [Fact]
    public async Task One_that_leaves_while_the_answer_comes_in_is_hung_up()
    {
        Start(("Limits:sessionsatonce:Permits", "1"));
        _azure.OnCall = async context =>
        {
            await CallingAzure.AnswerAsync(context, body: "v=0\r\n");
            await context.Response.Body.FlushAsync();
            _arrived.TrySetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        };

        await LeaveAsync();

        await ShouldHangUpAsync();
        _azure.OnCall = context => CallingAzure.AnswerAsync(context);
        Assert.Equal(201, await _gateway.CallAsync().StatusAsync());
    }

    [Theory]
    [InlineData("the server notices")]
    [InlineData("writing throws")]
    [InlineData("the server drops it")]
    public async Task One_that_cannot_be_written_to_is_hung_up(string how)
    {
        var breaks = true;
        Start(services => services.AddSingleton<IStartupFilter>(new StepBefore(app => app.Use((context, next) =>
        {
            if (breaks && how is "the server drops it")
                context.Features.Set<IHttpResponseBodyFeature>(new Dropped());
            else if (breaks)
                context.Response.Body = new Broken(how is "the server notices" ? context : null);
            return next(context);
        }))), ("Limits:sessionsatonce:Permits", "1"));
        _gateway.Announce("An unhandled exception", "An exception was thrown", "Connection id");

        await Assert.ThrowsAnyAsync<Exception>(() => _gateway.CallAsync(cancellation: new CancellationTokenSource(TimeSpan.FromSeconds(5)).Token).StatusAsync().ContinueWith(
            sent => sent.Result is 500 ? throw new HttpRequestException("no answer") : sent.Result, TaskScheduler.Default));

        await ShouldHangUpAsync();
        if (how is "the server drops it")
            Assert.StartsWith("POST calls 499 caller_gone: ", await _gateway.WhenLoggedAsync("apim-request-id "), StringComparison.Ordinal);
        breaks = false;
        Assert.Equal(201, await _gateway.CallAsync().StatusAsync());
    }

    [Fact]
    public async Task A_call_whose_id_cannot_be_sealed_is_hung_up()
    {
        Start(services => services.AddSingleton<IDataProtectionProvider>(new NoKeys()));
        _gateway.Announce("Forwarding failed");

        using var response = await _gateway.CallAsync();

        await response.ShouldFailAsync(500, "internal_error");
        Assert.Equal(["false"], response.Headers.GetValues("x-should-retry"));
        await ShouldHangUpAsync();
    }

    [Fact]
    public async Task A_hang_up_that_fails_is_tried_again_and_one_that_stays_refused_is_an_error_in_the_log()
    {
        Start();
        _azure.OnCall = context => CallingAzure.AnswerAsync(context, body: "no SDP");
        _azure.OnHangUp = CallingAzure.Reset;
        _gateway.Announce("no SDP", "No hangup: reset", "could not be hung up (reset)");

        Assert.Equal(502, await _gateway.CallAsync().StatusAsync());

        await _gateway.WhenLoggedAsync("could not be hung up (reset)");
        Assert.Equal(2, _azure.HangUps.Count);
        Assert.Single(_gateway.Logs.GetSnapshot(), record => record.Level is LogLevel.Error);
    }

    [Fact]
    public async Task A_key_that_is_replaced_meanwhile_is_no_hindrance()
    {
        const string NewKey = "\"a-new-key-0123456789abcdef\"";
        _gateway = Gateway.Start(Gateway.Generous, settings => Regions.AddDestination(settings, "one", _azure.Url));
        _azure.OnCall = AnswerLateAsync;
        _azure.OnHangUp = context => context.Request.Headers["api-key"] == NewKey.Trim('"') ? Task.CompletedTask : CallingAzure.Status(401)(context);
        await LeaveAsync();
        await _gateway.WhenLoggedAsync("The caller left before it got its answer");

        Assert.Contains("is in force", await _gateway.ReloadAsync(settings => settings.Set("Credentials:one:ApiKey:Primary", NewKey)), StringComparison.Ordinal);
        _goOn.SetResult();

        await ShouldHangUpAsync();
    }

    [Fact]
    public async Task A_process_that_shuts_down_waits_until_they_are_hung_up_and_ends_no_other_call()
    {
        Start();
        await _gateway.BeginCallAsync();
        _azure.OnCall = context => AnswerLateAsync(context, "/v1/realtime/calls/rtc_orphan");
        await LeaveAsync();
        await _gateway.WhenLoggedAsync("The caller left before it got its answer");

        var stopping = _gateway.StopAsync();
        await _gateway.WhenStoppingAsync();
        Assert.False(stopping.IsCompleted);
        _goOn.SetResult();
        await stopping;

        Assert.Equal(["rtc_orphan"], _azure.HangUps);
    }

    [Fact]
    public async Task The_end_of_the_process_is_held_up_by_every_exchange_that_is_under_way_and_no_longer()
    {
        Start();
        var orphans = _gateway.Services.GetRequiredService<OrphanedCalls>();
        Assert.True(_gateway.Services.GetRequiredService<IProxyStateLookup>().TryGetCluster("azureopenai", out var cluster));
        var exchange = new TaskCompletionSource<HttpResponseMessage>();
        orphans.Take(_gateway.OnlyDestination(), cluster.Model, exchange.Task, "req_1");

        var stopping = orphans.StopAsync(TestContext.Current.CancellationToken);
        Assert.False(stopping.IsCompleted);
        exchange.SetException(new HttpRequestException("reset"));

        await stopping;
        await orphans.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task An_answer_that_comes_to_nothing_needs_no_hang_up()
    {
        Start();
        _azure.OnCall = async context =>
        {
            _arrived.TrySetResult();
            await _goOn.Task;
            await CallingAzure.Status(500)(context);
        };

        await LeaveAsync();
        await _gateway.WhenLoggedAsync("The caller left before it got its answer");
        _goOn.SetResult();
        await _gateway.StopAsync(); // waits for it

        Assert.Empty(_azure.HangUps);
    }

    private Task AnswerLateAsync(HttpContext context) => AnswerLateAsync(context, "/v1/realtime/calls/" + CallingAzure.CallId);

    private async Task AnswerLateAsync(HttpContext context, string location)
    {
        _arrived.TrySetResult();
        await _goOn.Task;
        Assert.False(context.RequestAborted.IsCancellationRequested);
        await CallingAzure.AnswerAsync(context, location);
    }

    /// <summary>Posts an offer and closes the connection once it has arrived.</summary>
    private async Task LeaveAsync()
    {
        using var leaving = new CancellationTokenSource();
        var call = _gateway.CallAsync(cancellation: leaving.Token);
        await _arrived.Task;
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    private async Task ShouldHangUpAsync()
    {
        await _gateway.WhenLoggedAsync("was hung up: its answer reached nobody");
        Assert.Equal([CallingAzure.CallId], _azure.HangUps);
    }

    private void Start(params (string Name, string Value)[] variables) => Start(services: null, variables);

    private void Start(Action<IServiceCollection>? services, params (string Name, string Value)[] variables) =>
        _gateway = Gateway.StartWith(_azure.Url, variables.ToDictionary(pair => pair.Name, string? (pair) => pair.Value), services: services);

    /// <summary>A connection that breaks at the first byte of the answer; Kestrel tells of it or only the write does.</summary>
    private sealed class Broken(HttpContext? context) : MemoryStream
    {
        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (context is null)
                throw new IOException("broken pipe");
            var noticed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var _ = context.RequestAborted.Register(noticed.SetResult);
            context.Abort();
            await noticed.Task;
        }
    }

    /// <summary>A connection that is gone, before Kestrel tells the request: what is written is dropped, and only the result of writing says so.</summary>
    private sealed class Dropped : IHttpResponseBodyFeature
    {
        private readonly Pipe _pipe = new();

        public Dropped() => _pipe.Reader.Complete();

        public Stream Stream => Stream.Null;

        public PipeWriter Writer => _pipe.Writer;

        public void DisableBuffering()
        {
        }

        public Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

        public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) => Task.CompletedTask;

        public Task CompleteAsync() => Task.CompletedTask;
    }

    private sealed class NoKeys : IDataProtectionProvider, IDataProtector
    {
        public IDataProtector CreateProtector(string purpose) => this;

        public byte[] Protect(byte[] plaintext) => throw new System.Security.Cryptography.CryptographicException("no keys");

        public byte[] Unprotect(byte[] protectedData) => throw new System.Security.Cryptography.CryptographicException("no keys");
    }
}
