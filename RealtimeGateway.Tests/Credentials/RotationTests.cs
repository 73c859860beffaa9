using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using Microsoft.AspNetCore.Http;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Credentials;

/// <summary>An operator replaces both keys of a resource, one after the other, while callers mint.</summary>
public sealed class RotationTests : IDisposable
{
    private const int Callers = 4;

    private readonly SecretVolume _volume = new();
    private readonly ConcurrentDictionary<string, int> _used = new();
    private ImmutableHashSet<string> _valid = ["key-1", "key-2"];

    [Fact]
    public async Task No_mint_fails_while_both_keys_are_replaced()
    {
        await using var resource = await ScriptedUpstream.StartAsync(AnswerAsync);
        Mount("key-1", "key-2");
        await using var gateway = Gateway.Start(
            new Dictionary<string, string?>(Gateway.Generous) { ["AZURE_OPENAI_ENDPOINT"] = resource.Url, ["Secrets:Directory"] = _volume.Path });
        gateway.Announce("answered 401");
        using var stop = new CancellationTokenSource();
        var minted = new int[Callers];
        var callers = Enumerable.Range(0, Callers).Select(caller => Task.Run(() => MintAsync(gateway, minted, caller, stop.Token))).ToArray();

        _valid = ["new-1", "key-2"]; // the first key is regenerated, which ends the old one
        await gateway.WhenLoggedAsync("the secondary key is used from now on");
        await MountAsync(gateway, "new-1", "key-2");
        await EveryCallerMintsAsync(minted);
        _valid = ["new-1", "new-2"];
        await MountAsync(gateway, "new-1", "new-2");
        await EveryCallerMintsAsync(minted);
        await stop.CancelAsync();
        var answers = (await Task.WhenAll(callers)).SelectMany(statuses => statuses).ToArray();

        Assert.All(answers, status => Assert.Equal(HttpStatusCode.OK, status));
        Assert.All(["key-1", "key-2", "new-1"], key => Assert.True(_used.GetValueOrDefault(key) > 0, key));
        Assert.False(_used.ContainsKey("new-2")); // nobody refused the first one
        Assert.Single(gateway.Logs.GetSnapshot(), line => line.Message.Contains("answered 401 to", StringComparison.Ordinal));
        TestContext.Current.TestOutputHelper!.WriteLine($"{answers.Length} mints, none failed; by key: {string.Join(", ", _used.OrderBy(pair => pair.Key, StringComparer.Ordinal))}");
    }

    public void Dispose() => _volume.Dispose();

    private void Mount(string first, string second) =>
        _volume.Write(("Credentials__default__ApiKey__Primary", first + "\n"), ("Credentials__default__ApiKey__Secondary", second + "\n"));

    private async Task MountAsync(Gateway gateway, string first, string second)
    {
        var before = gateway.Snapshot().Version;
        Mount(first, second);
        await Eventually.ShouldAsync(() => gateway.Snapshot().Version != before);
    }

    // Twice: the first may have begun before.
    private static Task EveryCallerMintsAsync(int[] minted)
    {
        var before = minted.ToArray();
        return Eventually.ShouldAsync(() => Enumerable.Range(0, Callers).All(caller => Volatile.Read(ref minted[caller]) >= before[caller] + 2));
    }

    private static async Task<List<HttpStatusCode>> MintAsync(Gateway gateway, int[] minted, int caller, CancellationToken stop)
    {
        var answers = new List<HttpStatusCode>();
        while (!stop.IsCancellationRequested)
        {
            using var response = await gateway.MintAsync();
            answers.Add(response.StatusCode);
            Interlocked.Increment(ref minted[caller]);
        }

        return answers;
    }

    private Task AnswerAsync(HttpContext context)
    {
        var key = context.Request.Headers["api-key"].ToString();
        _used.AddOrUpdate(key, 1, (_, count) => count + 1);
        if (_valid.Contains(key))
            return context.Response.WriteAsJsonAsync(Azure.GaAnswer());
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return Task.CompletedTask;
    }
}
