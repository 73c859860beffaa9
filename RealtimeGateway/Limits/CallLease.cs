using RealtimeGateway.Web;

namespace RealtimeGateway.Limits;

/// <summary>
/// What an admitted request has taken from rules that count calls. It is renewed until the response ends, and ends with it, unless something that outlives the response was
/// begun: then <see cref="HoldUntil"/> says how long that counts. A lease that nobody renews lapses.
/// </summary>
internal sealed class CallLease
{
    private readonly Demand[] _calls;
    private readonly long _id;
    private readonly ILeases _leases;
    private readonly ITimer? _timer;
    private readonly Lock _lock = new();
    private bool _isHeld;
    private bool _isReleased;

    /// <param name="time">The clock that it is renewed by; <c>null</c> for a request that cannot last as long as its place.</param>
    public CallLease(Demand[] calls, long id, ILeases leases, TimeProvider? time)
    {
        (_calls, _id, _leases) = (calls, id, leases);
        if (time is null)
            return;
        var interval = calls.Min(static call => call.Rule.Window) / 3;
        _timer = time.CreateTimer(static lease => ((CallLease)lease!).Renew(), this, interval, interval);
    }

    /// <summary>The longest that a call counts without being renewed: the longest life of a secret.</summary>
    private const long LongestSeconds = 7200;

    /// <summary>What another request, or another replica, can end it by.</summary>
    public LeaseName Name => field ??= new(_id, Array.ConvertAll(_calls, static call => (call.Rule.Name, call.Partition)));

    public static CallLease? Of(HttpContext context) => context.Own<CallLease>();

    /// <summary>Lets it count until then, in seconds since 1970, response or no response.</summary>
    public void HoldUntil(long end, TimeProvider time)
    {
        lock (_lock) // what holds it comes after any renewal
            _isHeld = true;
        var seconds = Math.Min(end - time.GetUtcNow().ToUnixTimeSeconds(), LongestSeconds);
        if (seconds > 0)
            _leases.Hold(_calls, _id, TimeSpan.FromSeconds(seconds));
        else
            Release();
    }

    /// <summary>The call is over.</summary>
    public void Release()
    {
        if (_isReleased)
            return;
        _isReleased = true;
        _leases.Release(_calls, _id);
    }

    /// <summary>The response is over.</summary>
    public void End()
    {
        _timer?.Dispose();
        if (!_isHeld)
            Release();
    }

    private void Renew()
    {
        lock (_lock)
        {
            if (!_isHeld)
                _leases.Renew(_calls, _id, _calls.Max(static call => call.Rule.Window));
        }
    }
}

/// <summary>A lease by name.</summary>
/// <param name="Id">Unique over all replicas.</param>
/// <param name="Calls">The rules that count it, and whose permit of each it is.</param>
internal sealed record LeaseName(long Id, IReadOnlyList<(string Rule, UInt128 Partition)> Calls)
{
    public static void Write(BinaryWriter writer, LeaseName? lease)
    {
        writer.Write((byte)(lease?.Calls.Count ?? 0));
        if (lease is null)
            return;
        writer.Write(lease.Id);
        foreach (var (rule, partition) in lease.Calls)
        {
            writer.Write(rule);
            writer.Write((ulong)(partition >> 64));
            writer.Write((ulong)partition);
        }
    }

    public static LeaseName? Read(BinaryReader reader)
    {
        var calls = new (string Rule, UInt128 Partition)[reader.ReadByte()];
        if (calls.Length == 0)
            return null;
        var id = reader.ReadInt64();
        for (var i = 0; i < calls.Length; i++)
            calls[i] = (reader.ReadString(), new UInt128(reader.ReadUInt64(), reader.ReadUInt64()));
        return new(id, calls);
    }
}
