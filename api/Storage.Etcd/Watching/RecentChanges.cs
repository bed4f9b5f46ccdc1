namespace ControlPlane.Api.Storage.Etcd.Watching;

/// <summary>The last changes seen, so that a watcher that begins a little in the past needs no watch of its own. Its owner holds a lock.</summary>
internal sealed class RecentChanges(long floor, int maxCount)
{
    private const long MaxBytes = 8 * 1024 * 1024;
    private readonly Queue<StoreEvent> _events = new();
    private long _bytes;

    /// <summary>Every change after this revision is here.</summary>
    public long Floor { get; private set; } = floor;

    public void Add(StoreEvent change)
    {
        _events.Enqueue(change);
        _bytes += Size(change);
        while (_events.Count > maxCount || _bytes > MaxBytes)
        {
            StoreEvent oldest = _events.Dequeue();
            _bytes -= Size(oldest);
            Floor = oldest.Revision.Value;
        }
    }

    public IEnumerable<StoreEvent> After(long revision, string prefix) =>
        _events.Where(e => e.Revision.Value > revision && e.Key.StartsWith(prefix, StringComparison.Ordinal));

    private static long Size(StoreEvent change) => 200 + change.Key.Length + (change.Value?.Length ?? 0) + (change.Previous?.Value.Length ?? 0);
}
