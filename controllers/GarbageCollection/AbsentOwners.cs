namespace ControlPlane.Controllers.GarbageCollection;

/// <summary>UIDs that are known to be gone. They never come back, so each is asked for only once. Bounded: the oldest are forgotten.</summary>
internal sealed class AbsentOwners(int capacity)
{
    private readonly Lock _gate = new();

    // Under _gate.
    private readonly HashSet<Absence> _known = [];
    private readonly Queue<Absence> _order = new();

    public bool Contains(Absence absence)
    {
        lock (_gate)
            return _known.Contains(absence);
    }

    public void Add(Absence absence)
    {
        lock (_gate)
        {
            if (!_known.Add(absence))
                return;
            _order.Enqueue(absence);
            if (_order.Count > capacity)
                _known.Remove(_order.Dequeue());
        }
    }
}

/// <summary>
/// There is no such object in this place. The place belongs to it: a reference may name an existing UID under a wrong
/// namespace, and must not make that UID absent for everybody.
/// </summary>
internal readonly record struct Absence(string Resource, string Namespace, string Name, string Uid);
