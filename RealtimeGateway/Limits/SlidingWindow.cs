using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RealtimeGateway.Limits;

/// <summary>
/// Counts by tenths of the window. A tenth counts until a whole window has passed since its end, so that no window, wherever it begins, ever
/// holds more than the permits; a permit comes back at most a tenth of a window late.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal struct SlidingWindow : IUsage
{
    /// <summary>Parts of a window.</summary>
    public const int Parts = 10;

    private const int Kept = Parts + 1;

    private Counts _counts;
    private long _last;

    public readonly long WaitAt(long now, LimitRule rule)
    {
        var (part, length) = PartAt(now, rule);
        var used = 0;
        for (var age = 0; age < Kept; age++)
        {
            used += CountOf(part - age);
            if (used >= rule.Permits)
                return (part - age + Kept) * length - now;
        }

        return 0;
    }

    public void Take(long now, LimitRule rule, long lease)
    {
        var (part, _) = PartAt(now, rule);
        for (var gone = Math.Max(_last + 1, part - Kept + 1); gone <= part; gone++)
            _counts[(int)(gone % Kept)] = 0;
        _last = part;
        _counts[(int)(part % Kept)]++;
    }

    public readonly bool IsIdle(long now, LimitRule rule) => PartAt(now, rule).Part - _last >= Kept;

    private static (long Part, long Length) PartAt(long now, LimitRule rule)
    {
        var length = rule.Window.Ticks / Parts;
        return (now / length, length);
    }

    private readonly int CountOf(long part) => part <= _last && part > _last - Kept && part >= 0 ? _counts[(int)(part % Kept)] : 0;

    [InlineArray(Kept)]
    private struct Counts
    {
        private int _first;
    }
}
