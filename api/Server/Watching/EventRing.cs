namespace ControlPlane.Api.Server.Watching;

/// <summary>
/// The newest events of a resource, bounded by their bytes. Events are numbered from 0 for ever; a reader remembers the number of the next
/// event it wants, and learns when that one is gone. Not thread-safe: the cache's lock guards it.
/// </summary>
internal sealed class EventRing(long maxBytes, int minEvents, long startRevision)
{
    private CacheEvent?[] _slots = new CacheEvent[64];
    private long _bytes;

    /// <summary>Number of the oldest event kept.</summary>
    public long First { get; private set; }

    /// <summary>Number the next event will get.</summary>
    public long End { get; private set; }

    /// <summary>Every event after this revision is still here.</summary>
    public long Floor { get; private set; } = startRevision;

    public CacheEvent this[long number] => _slots[number % _slots.Length]!;

    public void Add(CacheEvent change)
    {
        if (End - First == _slots.Length)
            Grow();
        _slots[End % _slots.Length] = change;
        End++;
        _bytes += change.Size;
        while (_bytes > maxBytes && End - First > minEvents)
            DropOldest();
    }

    /// <summary>Number of the first event after a revision that is not below <see cref="Floor"/>.</summary>
    public long FirstAfter(long revision)
    {
        var low = First;
        var high = End;
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            if (this[middle].Revision <= revision)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    /// <summary>Forgets everything: history before <paramref name="revision"/> is not known.</summary>
    public void Reset(long revision)
    {
        Array.Clear(_slots);
        // The numbers go on, so that readers of the old history notice.
        End++;
        First = End;
        _bytes = 0;
        Floor = revision;
    }

    private void DropOldest()
    {
        ref var slot = ref _slots[First % _slots.Length];
        _bytes -= slot!.Size;
        Floor = slot.Revision;
        slot = null;
        First++;
    }

    private void Grow()
    {
        var larger = new CacheEvent?[_slots.Length * 2];
        for (var number = First; number < End; number++)
            larger[number % larger.Length] = this[number];
        _slots = larger;
    }
}
