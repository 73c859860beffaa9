using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using CsCheck;
using RealtimeGateway.Tests.Drills;

namespace RealtimeGateway.Tests.Hostile;

/// <summary>
/// Tries one property with many inputs: some hundreds in a test run; <c>FUZZ_CASES</c> or, in seconds, <c>FUZZ_SECONDS</c> says how many or how long instead, and CsCheck's own
/// <c>CsCheck_Seed</c> begins with the case that failed. A failure names its seed and the smallest input that was found.
/// </summary>
internal static class Fuzz
{
    /// <summary>Cases after which the gateway is looked at. The simulator remembers a thousand requests, and a case makes three at most.</summary>
    private const int Block = 250;

    private const int Callers = 8;

    /// <summary>Live bytes that may have come between the first third and the end: pools, caches and the secrets that the simulator holds until they expire.</summary>
    private const long Allowance = 64 * 1024 * 1024;

    /// <summary>And for each call, whose end the gateway remembers for the longest time that a call may have: its name (some 110 bytes) and an entry (some 100).</summary>
    private const long AllowanceOfCall = 256;

    public static async Task TryAsync<T>(Siege siege, Gen<T> inputs, Func<T, Task<IReadOnlyList<string>>> outcomesOf, Func<T, string> show, int cases = 2 * Block, [CallerMemberName] string property = "")
    {
        cases = Number("FUZZ_CASES") ?? cases;
        var (time, begin) = (Number("FUZZ_SECONDS") is { } seconds ? TimeSpan.FromSeconds(seconds) : (TimeSpan?)null, Stopwatch.GetTimestamp());
        var outcomes = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        var (done, early, slowest) = (0, 0L, new Slowest());
        while (time is null ? done < cases : Stopwatch.GetElapsedTime(begin) < time)
        {
            var block = time is null ? Math.Min(Block, cases - done) : Block;
            await inputs.SampleAsync(
                async input =>
                {
                    foreach (var outcome in await slowest.TimeAsync(outcomesOf(input).WaitAsync(Wire.Bound)))
                        outcomes.AddOrUpdate(outcome, 1, static (_, count) => count + 1);
                },
                iter: block, threads: Callers, print: show);
            siege.AssertUnharmed();
            done += block;
            if (early == 0 && (time is null ? done >= cases / 3 : done >= 4 * Block))
                early = Siege.LiveHeap();
        }

        await siege.AssertAtPeaceAsync();
        var allowed = early + Allowance + AllowanceOfCall * outcomes.GetValueOrDefault("201");
        var late = early == 0 ? Siege.LiveHeap() : await SettledHeapAsync(allowed);
        var histogram = string.Join(", ", outcomes.OrderByDescending(outcome => outcome.Value).Select(outcome => $"{outcome.Value} × {outcome.Key}"));
        Report.Add(string.Create(CultureInfo.InvariantCulture, $"{property}: {done} cases in {Stopwatch.GetElapsedTime(begin).TotalSeconds:F1} s, the slowest {slowest.Taken.TotalSeconds:F1} s, heap {early / 1024} → {late / 1024} KiB: {histogram}"), "fuzz.txt");
        Assert.True(early == 0 || late < allowed, $"{early} bytes were alive after a third, {late} at the end");
    }

    /// <summary>Live bytes at the end. Pools keep large arrays for a minute after their last use and give them back then; what is kept for good is not given back.</summary>
    private static async Task<long> SettledHeapAsync(long allowed)
    {
        var (begin, heap) = (Stopwatch.GetTimestamp(), Siege.LiveHeap());
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (heap >= allowed && Stopwatch.GetElapsedTime(begin) < TimeSpan.FromMinutes(3))
        {
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            heap = Siege.LiveHeap();
        }

        return heap;
    }

    private static int? Number(string variable) => int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : null;

    private sealed class Slowest
    {
        private readonly Lock _gate = new();

        public TimeSpan Taken { get; private set; }

        public async Task<T> TimeAsync<T>(Task<T> task)
        {
            var begin = Stopwatch.GetTimestamp();
            var result = await task;
            var taken = Stopwatch.GetElapsedTime(begin);
            lock (_gate)
                Taken = taken > Taken ? taken : Taken;
            return result;
        }
    }
}
