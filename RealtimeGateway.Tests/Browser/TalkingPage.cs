using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace RealtimeGateway.Tests.Browser;

/// <summary>
/// The page in a browser, as a person uses it. When it is closed, nothing it said on the console, in its DOM, in storage or in an exception may have been a secret or an
/// error.
/// </summary>
public sealed class TalkingPage : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _console = new();
    private readonly List<string> _expectedErrors = [];

    private TalkingPage(IBrowserContext context, IPage page)
    {
        (_context, Page, Traffic) = (context, page, new(page));
        page.Console += (_, message) => _console.Enqueue($"{message.Type}: {message.Text} ({message.Location})");
        page.PageError += (_, error) => _console.Enqueue($"error: {error}");
        page.SetDefaultTimeout(20_000);
        Assertions.SetDefaultExpectTimeout(20_000);
    }

    public IPage Page { get; }

    public Traffic Traffic { get; }

    /// <summary>How to connect: directly, or through the gateway.</summary>
    public ILocator Way => Page.GetByRole(AriaRole.Combobox, new() { Name = "Connect", Exact = true });

    public ILocator Words => Page.GetByLabel("Type instead of speaking");

    public ILocator Transcript => Page.Locator("#transcript > li");

    /// <summary>The last thing that the model said to its end.</summary>
    public ILocator LastWords => Page.Locator("#transcript > li.model[data-done=true]").Last;

    /// <summary>Opens the page and waits until it knows what can be chosen.</summary>
    public static async Task<TalkingPage> OpenAsync(Chromium chromium, Uri address, BrowserNewContextOptions? options, bool allowMicrophone)
    {
        var page = await OpenUnreadyAsync(chromium, address, script: null, options, allowMicrophone);
        await Assertions.Expect(page.Page.Locator("#voice option").First).ToBeAttachedAsync();
        return page;
    }

    public static async Task<TalkingPage> OpenUnreadyAsync(
        Chromium chromium, Uri address, string? script, BrowserNewContextOptions? options = null, bool allowMicrophone = true)
    {
        ArgumentNullException.ThrowIfNull(chromium);
        ArgumentNullException.ThrowIfNull(address);
        var context = await chromium.NewContextAsync(options);
        if (allowMicrophone)
            await context.GrantPermissionsAsync(["microphone"]);
        await context.AddInitScriptAsync(Remember);
        if (script is not null)
            await context.AddInitScriptAsync(script);
        var page = new TalkingPage(context, await context.NewPageAsync());
        await page.Page.GotoAsync(address.AbsoluteUri);
        return page;
    }

    /// <summary>Presses Start and waits until the call is live and the model has greeted.</summary>
    public async Task StartAsync()
    {
        await PressStartAsync();
        await ExpectStateAsync("live");
        await Assertions.Expect(LastWords).ToBeVisibleAsync();
    }

    public Task PressStartAsync() => Page.GetByRole(AriaRole.Button, new() { Name = "Start", Exact = true }).ClickAsync();

    public Task PressStopAsync() => Page.GetByRole(AriaRole.Button, new() { Name = "Stop", Exact = true }).ClickAsync();

    /// <summary>Makes a voice in the microphone until the model is heard to have noticed, then a pause.</summary>
    public async Task SpeakAsync()
    {
        var turns = Page.Locator("#transcript > li.you");
        var before = await turns.CountAsync();
        await Page.EvaluateAsync("() => speak(true)");
        await Assertions.Expect(turns).ToHaveCountAsync(before + 1);
        await Page.EvaluateAsync("() => speak(false)");
    }

    /// <summary>Waits until the model has said everything aloud.</summary>
    public Task WhenSilentAsync() => Page.WaitForFunctionAsync("() => received.some(text => JSON.parse(text).type === 'output_audio_buffer.stopped')");

    public async Task TypeAsync(string words)
    {
        await Words.FillAsync(words);
        await Words.PressAsync("Enter");
    }

    public Task ExpectStateAsync(string state) => Assertions.Expect(Page.Locator($"body[data-state={state}]")).ToBeAttachedAsync();

    public Task ExpectSaidAsync(string words) => Assertions.Expect(Page.Locator("#transcript > li.model").Filter(new() { HasText = words }).Last).ToBeVisibleAsync();

    /// <summary>The call failed, and the person is told why in words that contain <paramref name="words"/>.</summary>
    public async Task ExpectTroubleAsync(string code, string words)
    {
        var trouble = Page.Locator($"#trouble[data-code={code}]");
        await Assertions.Expect(trouble).ToBeVisibleAsync();
        await Assertions.Expect(trouble).ToContainTextAsync(words);
        await ExpectStateAsync("failed");
    }

    public Task<string> StyleAsync(string property) =>
        Page.EvaluateAsync<string>("name => getComputedStyle(document.body).getPropertyValue(name)", property);

    public Task ExpectStyleAsync(string property, string value) => Assertions.Expect(Page.Locator("body")).ToHaveCSSAsync(property, value);

    /// <summary>The client events of one type that went over the data channel, as JSON.</summary>
    public async Task<IReadOnlyList<string>> SentAsync(string type) =>
        await Page.EvaluateAsync<string[]>("type => sent.filter(text => JSON.parse(text).type === type)", type);

    /// <summary>The server events of one type that came over the data channel, as JSON.</summary>
    public async Task<IReadOnlyList<string>> ReceivedAsync(string type) =>
        await Page.EvaluateAsync<string[]>("type => received.filter(text => JSON.parse(text).type === type)", type);

    /// <summary>Opens the simulator's media peer in a tab beside the page, as somebody does who runs the simulator alone.</summary>
    public async Task OpenPeerAsync(Uri address)
    {
        var peer = await _context.NewPageAsync();
        await peer.GotoAsync(address.AbsoluteUri);
        await peer.Locator("h1").ClickAsync();
        await Assertions.Expect(peer.GetByRole(AriaRole.Status)).ToHaveTextAsync("Waiting for a call.");
        await Page.BringToFrontAsync();
    }

    /// <summary>Closes the tab, as a person does.</summary>
    public async Task CloseAsync()
    {
        var closed = new TaskCompletionSource();
        Page.Close += (_, _) => closed.TrySetResult();
        await Page.CloseAsync(new() { RunBeforeUnload = true });
        await closed.Task.WaitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>The states of every microphone that was opened, device and track.</summary>
    public Task<string[]> MicrophonesAsync() => Page.EvaluateAsync<string[]>("() => microphones.map(track => track.readyState)");

    /// <summary>A line on the console that the test provokes, such as the browser's own about a refused request.</summary>
    public void ExpectOnConsole(string text) => _expectedErrors.Add(text);

    /// <summary>This is in no attribute, text, field, storage, cookie or console line.</summary>
    public async Task AssertNowhereAsync(string secret) => Assert.DoesNotContain(secret, await ReadAsync(), StringComparison.Ordinal);

    /// <summary>What stands in the page, its address, its storage and its console.</summary>
    public async Task<string> ReadAsync() => string.Join('\n', [await Page.EvaluateAsync<string>("""
        () => [
          location.href,
          document.documentElement.outerHTML,
          ...[...document.querySelectorAll('input')].map((field) => field.value),
          JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage }), document.cookie,
        ].join('\n')
        """), .. _console]);

    public async ValueTask DisposeAsync()
    {
        if (!Page.IsClosed)
            await AssertNowhereAsync("ek_");
        await _context.DisposeAsync();
        var unexpected = _console.Where(line => !_expectedErrors.Exists(text => line.Contains(text, StringComparison.Ordinal)));
        Assert.True(!unexpected.Any(), string.Join('\n', unexpected));
    }

    // Tests look at the real connection and the real tracks; the page itself keeps both to itself.
    private const string Remember = """
        globalThis.connections = [];
        globalThis.channels = [];
        globalThis.received = [];
        globalThis.RTCPeerConnection = class extends RTCPeerConnection {
          constructor(...options) {
            super(...options);
            connections.push(this);
          }
          createDataChannel(...options) {
            const channel = super.createDataChannel(...options);
            channel.addEventListener('message', ({ data }) => received.push(data));
            channels.push(channel);
            return channel;
          }
        };
        globalThis.sent = [];
        const send = RTCDataChannel.prototype.send;
        RTCDataChannel.prototype.send = function (text) {
          sent.push(text);
          return send.call(this, text);
        };
        globalThis.inbound = async () => [...(await connections.at(-1).getStats()).values()].find((report) => report.type === 'inbound-rtp');

        // The real device is opened, so that permissions and releases are real; its place is taken by a voice that speaks when it is told to.
        globalThis.microphones = [];
        const open = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
        if (open) navigator.mediaDevices.getUserMedia = async (constraints) => {
          const [device] = (await open(constraints)).getTracks();
          const context = new AudioContext();
          const voice = context.createMediaStreamDestination();
          const tone = new OscillatorNode(context, { type: 'sawtooth', frequency: 160 });
          const loudness = new GainNode(context, { gain: 0 });
          tone.connect(loudness).connect(voice);
          tone.start();
          const [track] = voice.stream.getTracks();
          const stop = track.stop.bind(track);
          track.stop = () => {
            device.stop();
            stop();
          };
          globalThis.speak = (isSpeaking) => (loudness.gain.value = isSpeaking ? 0.5 : 0);
          microphones.push(device, track);
          return voice.stream;
        };
        """;
}
