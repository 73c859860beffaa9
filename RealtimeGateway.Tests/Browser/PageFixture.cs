using Microsoft.Playwright;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Browser;

/// <summary>The real gateway on its simulator, as one command starts it, for the tests of one class.</summary>
public sealed class PageFixture(Chromium chromium) : IAsyncDisposable
{
    private readonly string _simulator = FreeAddress.Next();
    private Gateway? _gateway;

    public Gateway Gateway => _gateway ??= Gateway.StartOnSimulator(_simulator);

    /// <summary>The simulator's control API.</summary>
    public HttpClient Simulator => field ??= new() { BaseAddress = new Uri(_simulator) };

    /// <summary>Opens the page in a browser of its own.</summary>
    public Task<TalkingPage> OpenAsync(BrowserNewContextOptions? options = null, bool allowMicrophone = true) =>
        TalkingPage.OpenAsync(chromium, Gateway.Http.BaseAddress!, options, allowMicrophone);

    /// <summary>Opens the page of another gateway.</summary>
    public Task<TalkingPage> OpenPageOfAsync(Gateway gateway) =>
        TalkingPage.OpenAsync(chromium, gateway.Http.BaseAddress!, options: null, allowMicrophone: true);

    /// <summary>Opens the page of a gateway that does not know the caller yet; <paramref name="hostScript"/> is the host page's own.</summary>
    public Task<TalkingPage> OpenClosedPageAsync(Gateway gateway, string? hostScript = null) =>
        TalkingPage.OpenUnreadyAsync(chromium, gateway.Http.BaseAddress!, hostScript);

    /// <summary>Switches a fault of the simulator at <paramref name="simulator"/> on.</summary>
    public static async Task BreakAsync(string simulator, string fault)
    {
        using var http = new HttpClient { BaseAddress = new Uri(simulator) };
        using var response = await http.PostAsync("/simulator/faults", Gateway.Json(fault), TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        Simulator.Dispose();
        if (_gateway is not null)
            await _gateway.DisposeAsync();
    }
}
