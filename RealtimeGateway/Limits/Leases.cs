using System.Runtime.InteropServices;

namespace RealtimeGateway.Limits;

/// <summary>Calls that are going on, each until a time of its own. One that nobody renews lapses.</summary>
internal struct Leases : IUsage
{
    // The next to lapse comes first.
    private Lease[]? _items;
    private int _count;

    public readonly long WaitAt(long now, LimitRule rule)
    {
        var lapsed = LapsedAt(now);
        return _count - lapsed < rule.Permits ? 0 : _items![lapsed].End - now;
    }

    public void Take(long now, LimitRule rule, long lease)
    {
        Drop(0, LapsedAt(now));
        Add(new(lease, now + rule.Window.Ticks));
    }

    public readonly bool IsIdle(long now, LimitRule rule) => LapsedAt(now) == _count;

    /// <summary>Lets the call count until another time; one that has lapsed meanwhile stays so.</summary>
    public void Renew(long lease, long end)
    {
        if (Release(lease))
            Add(new(lease, end));
    }

    public bool Release(long lease)
    {
        for (var i = _count - 1; i >= 0; i--)
        {
            if (_items![i].Id == lease)
            {
                Drop(i, 1);
                return true;
            }
        }

        return false;
    }

    private readonly int LapsedAt(long now)
    {
        var lapsed = 0;
        while (lapsed < _count && _items![lapsed].End <= now)
            lapsed++;
        return lapsed;
    }

    private void Add(Lease lease)
    {
        _items ??= new Lease[1];
        if (_count == _items.Length)
            Array.Resize(ref _items, _count * 2);
        var at = _count++;
        for (; at > 0 && _items[at - 1].End > lease.End; at--)
            _items[at] = _items[at - 1];
        _items[at] = lease;
    }

    private void Drop(int at, int count)
    {
        _count -= count;
        if (_count == 0)
            _items = null;
        else if (count > 0)
            Array.Copy(_items!, at + count, _items!, at, _count - at);
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Lease(long Id, long End);
}
