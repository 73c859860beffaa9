using System.Diagnostics.CodeAnalysis;

namespace RealtimeGateway.Simulator.Breaking;

/// <summary>
/// The faults in force. The oldest one that matches a request is used, so faults that run out happen one after the other and one without
/// <see cref="Fault.Times"/> hides later ones of its operation.
/// </summary>
public sealed class Faults
{
    private readonly Lock _gate = new();
    private readonly List<ActiveFault> _active = [];
    private int _lastId;

    /// <summary>A snapshot, oldest first.</summary>
    public IReadOnlyList<ActiveFault> Active
    {
        get
        {
            lock (_gate) return [.. _active];
        }
    }

    /// <summary>Puts a fault in force.</summary>
    /// <returns>Its id.</returns>
    /// <exception cref="ArgumentException">The parameters do not fit the effect.</exception>
    public int Inject(Fault fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        if (FaultParameters.Violation(fault) is { } violation) throw new ArgumentException(violation.Message, nameof(fault));
        lock (_gate)
        {
            _active.Add(new(++_lastId, fault, fault.Times));
            return _lastId;
        }
    }

    /// <summary>Ends one fault; false when it is not in force.</summary>
    public bool Remove(int id)
    {
        lock (_gate) return _active.RemoveAll(active => active.Id == id) > 0;
    }

    /// <summary>Ends all faults.</summary>
    public void Clear()
    {
        lock (_gate) _active.Clear();
    }

    internal bool TryTake(FaultOperation operation, [NotNullWhen(true)] out Fault? fault)
    {
        lock (_gate)
        {
            var index = _active.FindIndex(active => Meets(active.Fault, operation));
            fault = index < 0 ? null : _active[index].Fault;
            if (fault is null) return false;
            var remaining = _active[index].Remaining - 1;
            if (remaining == 0) _active.RemoveAt(index);
            else _active[index] = _active[index] with { Remaining = remaining };
            return true;
        }
    }

    private static bool Meets(Fault fault, FaultOperation operation) =>
        (fault.Operation == FaultOperation.Any || fault.Operation == operation) &&
        fault.Effect.Meets(operation);
}
