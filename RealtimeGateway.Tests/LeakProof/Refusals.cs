using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RealtimeGateway.Simulator.Breaking;
using RealtimeGateway.Tests.Infrastructure;
using RealtimeGateway.Web;

namespace RealtimeGateway.Tests.LeakProof;

/// <summary>What callers do wrong, everywhere, and what goes wrong inside.</summary>
internal static class Refusals
{
    /// <summary>Longer than what any route takes.</summary>
    private const int TooLong = 1536 * 1024;

    /// <summary>Every endpoint is asked for what it refuses.</summary>
    public static async Task ProvokeAsync(World world)
    {
        foreach (var (method, pattern) in world.Journeys.Endpoints)
            await Task.WhenAll(Wrong(world, method, pattern, Journeys.PathOf(pattern)));
        await world.Journeys.NoteAsync(world.Journeys.Caller.SendAsync("GET", $"/{Canaries.Path.Text}", "/nowhere", Canaries.AlicesKey.Text));
        await world.Journeys.NoteAsync(world.Journeys.Caller.SendAsync("POST", "/calls", "/calls", Canaries.AlicesKey.Text, Text("application/sdp", $"v=0\r\ns={Canaries.Value.Text}\r\n")));
        using var endless = new EndlessContent();
        await world.Journeys.NoteAsync(world.Journeys.Caller.SendAsync("POST", "/sessions", "/sessions", Canaries.AlicesKey.Text, endless, isNewer: true)); // over HTTP/1.1 the client would wait as well
        world.Listen();
    }

    /// <summary>There is room for one socket, and somebody has it.</summary>
    public static async Task FillAsync(World world)
    {
        using var holder = new ClientWebSocket();
        holder.Options.SetRequestHeader("Authorization", $"Bearer {Canaries.BobsKey.Text}");
        await holder.ConnectAsync(new UriBuilder(world.Host.Addresses[0]) { Scheme = "ws", Path = "/realtime" }.Uri, TestContext.Current.CancellationToken);
        await world.VisitAsync("/realtime", "/openai/v1/realtime");
    }

    /// <summary>What replicas count together cannot be counted.</summary>
    public static async Task LoseAsync(World world, Store store)
    {
        var ticket = await world.Journeys.AskForTicketAsync();
        await store.VanishAsync();
        await Eventually.ShouldAsync(async () =>
        {
            await world.VisitAsync("/narrow");
            return world.Reasons.Contains(GatewayError.LimitsUnavailable.Reason);
        });
        await world.Journeys.OfferAsync("/openai/v1/realtime/calls", ticket, Journeys.Offer());
        world.Seal.HasNoKeys = true;
        await world.Journeys.OfferAsync("/openai/v1/realtime/calls", ticket, Journeys.Offer());
        world.Seal.HasNoKeys = false;
        await world.VisitAsync("/calls", "/realtime", "/metrics", "/health/details");
    }

    /// <summary>A caller leaves while the service thinks.</summary>
    public static async Task LeaveAsync(World world)
    {
        world.Faults.Inject(new() { Effect = FaultEffect.Hang, Times = 1 });
        using var leaving = new CancellationTokenSource();
        var asking = world.Journeys.Caller.SendAsync("POST", "/sessions", "/sessions", Canaries.AlicesKey.Text, Gateway.Json("{}"), cancellation: leaving.Token);
        await Eventually.ShouldAsync(() => world.Faults.Active.Count == 0);
        await leaving.CancelAsync();
        await asking;
        await Eventually.ShouldAsync(() => world.Host.Logs.GetSnapshot().Any(record => record.Message.Contains(" caller_gone: ", StringComparison.Ordinal)));
        world.Listen();
    }

    /// <summary>Somebody changes the settings in a hurry, and the gateway refuses them.</summary>
    public static async Task SpoilAsync(World world)
    {
        world.Host.ChangeSettings(ProofCommand.Spoil);
        await Eventually.ShouldAsync(() => world.Host.Logs.GetSnapshot().Any(record => record.Message.Contains("Configuration refused", StringComparison.Ordinal)));
        world.Listen();
    }

    /// <summary>The gateway makes a mistake, and is then told to stop.</summary>
    public static async Task FailAsync(World world)
    {
        world.Seal.IsBroken = true;
        await world.Journeys.VisitServiceAsync();
        world.Seal.IsBroken = false;
        world.Host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        await world.Journeys.VisitServiceAsync();
        world.Listen();
    }

    private static IEnumerable<Task<Answered>> Wrong(World world, string method, string pattern, string path)
    {
        var (caller, alice) = (world.Journeys.Caller, Canaries.AlicesKey.Text);
        (string? Credential, string Path, HttpContent? Content, (string, string)? Header)[] wrong =
        [
            (null, path, null, null),
            (Canaries.WrongKey.Text, path, null, null),
            ($"ek_{Canaries.WrongKey.Text}", path, null, null),
            (world.Surroundings.TokenOfNobody(), path, null, null),
            (null, path, null, ("x-api-key", Canaries.WrongKey.Text)),
            (alice, path, null, ("api-key", Canaries.WrongKey.Text)),
            (alice, path, null, ("Origin", $"https://{Canaries.Header.Text}.example")),
            (alice, $"{path}?profile={Canaries.HiddenProfile.Text}", Gateway.Json("{}"), null),
            (alice, path + Journeys.Query(), Text("text/plain", Canaries.Value.Text), null),
            (alice, path, Gateway.Json($$"""{"{{Canaries.Value.Text}}"""), null),
            (alice, path, Gateway.Json($$"""{"{{Canaries.Member.Text}}":"{{Canaries.Value.Text}}"}"""), null),
            (alice, path, Gateway.Json($$"""{"voice":"{{Canaries.Value.Text}}"}"""), null),
            (alice, path, Gateway.Json($$"""{"voice":"{{new string('x', TooLong)}}"}"""), null),
        ];
        foreach (var (credential, where, content, header) in wrong.Where(request => request.Content is null || method is "POST" or "PUT" or "PATCH" or "DELETE"))
            yield return world.Journeys.NoteAsync(caller.SendAsync(method, where, pattern, credential, content, header: header));
        yield return world.Journeys.NoteAsync(caller.SendAsync("BREW", path, pattern, alice));
    }

    /// <summary>A body that begins and goes no further.</summary>
    private sealed class EndlessContent : HttpContent
    {
        private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public EndlessContent() => Headers.ContentType = new("application/json");

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes($$"""{"voice":"{{Canaries.Value.Text}}"""), cancellationToken);
            await stream.FlushAsync(cancellationToken);
            await _over.Task.WaitAsync(cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            _over.TrySetResult();
            base.Dispose(disposing);
        }
    }

    private static StringContent Text(string type, string text) => new(text, Encoding.UTF8, new MediaTypeHeaderValue(type));
}
