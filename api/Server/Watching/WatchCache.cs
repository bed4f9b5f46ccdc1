using ControlPlane.Api.Server.Registry;

namespace ControlPlane.Api.Server.Watching;

/// <summary>
/// The current objects of one resource and its newest events. Written by the hub's feed alone, in revision order; read by everybody.
/// Readers of events hold a number, not a queue: a slow one costs nothing and is cut when its event has left the ring.
/// </summary>
internal sealed class WatchCache(string prefix, long startRevision, WatchCacheLimits limits)
{
    private readonly Lock _gate = new();
    // Guarded by _gate, as are the ring and the snapshot.
    private readonly SortedDictionary<string, StoredObject> _objects = new(StringComparer.Ordinal);
    private readonly EventRing _ring = new(limits.RingBytes, limits.MinEvents, startRevision);
    private StoredObject[]? _snapshot = [];
    private TaskCompletionSource _changed = NewSignal();
    private long _version;
    private long _revision = startRevision;

    /// <summary>Start of the resource's keys.</summary>
    public string Prefix => prefix;

    /// <summary>Grows with every change; for data derived from the objects.</summary>
    public long Version => Volatile.Read(ref _version);

    public int Count
    {
        get
        {
            lock (_gate)
                return _objects.Count;
        }
    }

    public StoredObject? Find(string @namespace, string name) => Find(StorageKey.Of(prefix, @namespace, name));

    public StoredObject? Find(string key)
    {
        lock (_gate)
            return _objects.GetValueOrDefault(key);
    }

    /// <summary>All objects in key order. The array is shared: never write to it.</summary>
    public StoredObject[] Snapshot()
    {
        lock (_gate)
            return SnapshotLocked();
    }

    /// <summary>The objects of a namespace, or all, in key order.</summary>
    public ReadOnlyMemory<StoredObject> Snapshot(string @namespace) => Slice(Snapshot(), @namespace);

    /// <summary>The current objects, and where to go on from.</summary>
    public CacheSnapshot SnapshotWithCursor(string @namespace)
    {
        lock (_gate)
            return new CacheSnapshot(Slice(SnapshotLocked(), @namespace), _ring.End, _revision);
    }

    /// <summary>Number of the first event after a revision; null when that history is gone.</summary>
    public long? CursorAfter(long revision)
    {
        lock (_gate)
            return revision < _ring.Floor ? null : _ring.FirstAfter(revision);
    }

    /// <summary>The oldest revision from which a watch can start.</summary>
    public long Floor
    {
        get
        {
            lock (_gate)
                return _ring.Floor;
        }
    }

    /// <summary>
    /// Copies events from <paramref name="cursor"/> on into <paramref name="events"/> and moves the cursor. False: the events are gone and the
    /// reader has to start over. When nothing is there, <paramref name="changed"/> completes with the next change.
    /// </summary>
    public bool TryRead(ref long cursor, List<CacheEvent> events, int max, out Task changed)
    {
        lock (_gate)
        {
            changed = _changed.Task;
            if (cursor < _ring.First)
                return false;
            for (; cursor < _ring.End && events.Count < max; cursor++)
                events.Add(_ring[cursor]);
            return true;
        }
    }

    /// <summary>For the feed: sets the state at start, without events.</summary>
    public void Load(StoredObject value)
    {
        lock (_gate)
        {
            _objects[value.Key] = value;
            _snapshot = null;
            _version++;
        }
    }

    /// <summary>For the feed: takes over changes, in order.</summary>
    public void Apply(ReadOnlySpan<CacheEvent> changes)
    {
        TaskCompletionSource signal;
        lock (_gate)
        {
            foreach (var change in changes)
            {
                if (change.Current is { } current)
                    _objects[current.Key] = current;
                else
                    _objects.Remove(change.Previous!.Key);
                _ring.Add(change);
                _revision = change.Revision;
            }
            _snapshot = null;
            _version++;
            signal = _changed;
            _changed = NewSignal();
        }
        signal.SetResult();
    }

    /// <summary>For the feed, after history was lost: everything is as <paramref name="objects"/> say, and every watcher starts over.</summary>
    public void Replace(IEnumerable<StoredObject> objects, long revision)
    {
        TaskCompletionSource signal;
        lock (_gate)
        {
            _objects.Clear();
            foreach (var value in objects)
                _objects[value.Key] = value;
            _ring.Reset(revision);
            _revision = revision;
            _snapshot = null;
            _version++;
            signal = _changed;
            _changed = NewSignal();
        }
        signal.SetResult();
    }

    private StoredObject[] SnapshotLocked() => _snapshot ??= [.. _objects.Values];

    private ReadOnlyMemory<StoredObject> Slice(StoredObject[] all, string @namespace)
    {
        if (@namespace.Length == 0)
            return all;
        var scope = StorageKey.Scope(prefix, @namespace);
        var start = LowerBound(all, scope);
        // '0' follows '/': the first key after every key of the namespace.
        var end = LowerBound(all, scope[..^1] + "0");
        return all.AsMemory(start, end - start);
    }

    private static int LowerBound(StoredObject[] all, string key)
    {
        var low = 0;
        var high = all.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (string.CompareOrdinal(all[middle].Key, key) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>The objects of a cache at one moment.</summary>
/// <param name="Objects">In key order; shared.</param>
/// <param name="Next">Number of the first event that is not in them.</param>
/// <param name="Revision">They include every change of the resource up to here; the hub may have been further.</param>
internal readonly record struct CacheSnapshot(ReadOnlyMemory<StoredObject> Objects, long Next, long Revision);

/// <summary>How much history a resource keeps.</summary>
/// <param name="RingBytes">Events beyond this many bytes are dropped, oldest first.</param>
/// <param name="MinEvents">But this many are always kept.</param>
internal sealed record WatchCacheLimits(long RingBytes = 8 << 20, int MinEvents = 256);
