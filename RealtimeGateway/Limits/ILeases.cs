namespace RealtimeGateway.Limits;

/// <summary>Where calls are counted, once they have been admitted: in this process, or in Redis for all replicas.</summary>
internal interface ILeases
{
    /// <summary>Lets a call count for this long from now, unless it has lapsed meanwhile.</summary>
    void Hold(Demand[] calls, long lease, TimeSpan span);

    /// <summary>The same for somebody who does it again and again, and may miss once: when Redis is away.</summary>
    void Renew(Demand[] calls, long lease, TimeSpan span);

    /// <summary>Ends a call.</summary>
    void Release(Demand[] calls, long lease);
}
