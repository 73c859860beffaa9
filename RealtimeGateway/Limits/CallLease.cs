using RealtimeGateway.Web;

namespace RealtimeGateway.Limits;

/// <summary>
/// What an admitted request has taken from rules that count calls. It ends with the response, unless something that outlives the response was
/// begun: then <see cref="HoldUntil"/> says how long that counts, and renews it. A lease that nobody renews lapses.
/// </summary>
internal sealed class CallLease(Demand[] calls, long id, ILeases leases)
{
    private bool _isHeld;
    private bool _isReleased;

    /// <summary>The longest that a call counts without being renewed: the longest life of a secret.</summary>
    private const long LongestSeconds = 7200;

    /// <summary>What another request, or another replica, can end it by.</summary>
    public LeaseName Name => field ??= new(id, Array.ConvertAll(calls, static call => (call.Rule.Name, call.Partition)));

    public static CallLease? Of(HttpContext context) => context.Own<CallLease>();

    /// <summary>Lets it count until then, in seconds since 1970, response or no response.</summary>
    public void HoldUntil(long end, TimeProvider time)
    {
        _isHeld = true;
        var seconds = Math.Min(end - time.GetUtcNow().ToUnixTimeSeconds(), LongestSeconds);
        if (seconds > 0)
            leases.Hold(calls, id, TimeSpan.FromSeconds(seconds));
        else
            Release();
    }

    /// <summary>Lets it count for this long from now.</summary>
    public void Renew(TimeSpan span) => leases.Renew(calls, id, span);

    /// <summary>The call is over.</summary>
    public void Release()
    {
        if (_isReleased)
            return;
        _isReleased = true;
        leases.Release(calls, id);
    }

    /// <summary>The response is over.</summary>
    public void End()
    {
        if (!_isHeld)
            Release();
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
