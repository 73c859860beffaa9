using System.Runtime.InteropServices;

namespace RealtimeGateway.Limits;

/// <summary>A count that begins afresh when its window is over. The window begins with the first request that it counts.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct FixedWindow : IUsage
{
    private long _end;
    private int _count;

    public readonly long WaitAt(long now, LimitRule rule) => IsIdle(now, rule) || _count < rule.Permits ? 0 : _end - now;

    public void Take(long now, LimitRule rule, long lease) =>
        (_end, _count) = IsIdle(now, rule) ? (now + rule.Window.Ticks, 1) : (_end, _count + 1);

    public readonly bool IsIdle(long now, LimitRule rule) => _end <= now;
}
