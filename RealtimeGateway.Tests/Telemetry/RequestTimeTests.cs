using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using RealtimeGateway.Tests.Calls;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Telemetry;

/// <summary>What is the service's time and what is the gateway's own, on a clock that moves only while the service has the request.</summary>
public sealed class RequestTimeTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private CallingAzure _azure = null!;
    private Gateway _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _azure = await CallingAzure.StartAsync();
        _gateway = Gateway.StartWith(_azure.Url, services: services => services.AddSingleton<TimeProvider>(_time));
    }

    [Fact]
    public async Task Waiting_for_a_mint_is_the_services_time()
    {
        _azure.OnMint = After(2, _azure.MintAsync);

        using var response = await _gateway.MintAsync();

        await LineSaysAsync("POST sessions 200 ok: ", "attempts 1, 2000.00 ms, upstream 2000.00 ms, own 0.00 ms");
    }

    [Fact]
    public async Task An_answer_that_comes_slowly_is_the_services_time()
    {
        _azure.OnMint = async context =>
        {
            await context.Response.StartAsync();
            await context.Response.Body.FlushAsync();
            await After(3, _azure.MintAsync)(context);
        };

        using var response = await _gateway.MintAsync();

        await LineSaysAsync("POST sessions 200 ok: ", "3000.00 ms, upstream 3000.00 ms, own 0.00 ms");
    }

    [Fact]
    public async Task A_call_waits_for_a_mint_and_for_its_answer()
    {
        _azure.OnMint = After(1, _azure.MintAsync);
        _azure.OnCall = After(2, context => CallingAzure.AnswerAsync(context));

        using var response = await _gateway.CallAsync();

        await LineSaysAsync("POST calls 201 ok: ", "attempts 1, 3000.00 ms, upstream 3000.00 ms, own 0.00 ms");
    }

    [Fact]
    public async Task A_failed_attempt_is_the_services_time()
    {
        _gateway.Announce("Forwarding failed");
        _azure.OnMint = After(2, CallingAzure.Reset);

        using var response = await _gateway.MintAsync();

        await LineSaysAsync("POST sessions 502 upstream_unavailable: ", "2000.00 ms, upstream 2000.00 ms, own 0.00 ms");
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _azure.DisposeAsync();
    }

    private RequestDelegate After(int seconds, RequestDelegate answer) => context =>
    {
        _time.Advance(TimeSpan.FromSeconds(seconds));
        return answer(context);
    };

    private async Task LineSaysAsync(string begin, string times)
    {
        var line = await _gateway.WhenLoggedAsync("apim-request-id ");
        Assert.StartsWith(begin, line, StringComparison.Ordinal);
        Assert.Contains(times, line, StringComparison.Ordinal);
    }
}
