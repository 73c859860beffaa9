using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RealtimeGateway.Simulator.Breaking;
using RealtimeGateway.Tests.Infrastructure;

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
        world.Listen();
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

    private static StringContent Text(string type, string text) => new(text, Encoding.UTF8, new MediaTypeHeaderValue(type));
}
