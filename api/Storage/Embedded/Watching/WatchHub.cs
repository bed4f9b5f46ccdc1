using ControlPlane.Api.Storage.Embedded.Index;

namespace ControlPlane.Api.Storage.Embedded.Watching;

/// <summary>
/// Brings published changes to watchers, off the writer's thread. The writer only leaves a signal; one work item at a time reads history
/// from where it stopped and puts each change into the inboxes of those whose prefix matches, found by hash for each distinct prefix length.
/// </summary>
internal sealed class WatchHub(KeyIndex index, int backlog) : IThreadPoolWorkItem
{
    private const int Window = 1024;

    // Guards everything below up to the flags. Lock order: _gate, then history's or a subscription's.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<WatchSubscription>> _byPrefix = new(StringComparer.Ordinal);
    private readonly SortedDictionary<int, int> _lengths = [];
    private readonly List<StoreEvent> _events = [];
    private long _dispatched;
    private int _count;
    private bool _closed;

    private int _scheduled;
    private int _progressWanted;

    /// <summary>Everything up to here is in the inboxes; history after it is still needed.</summary>
    public long Dispatched
    {
        get
        {
            lock (_gate)
            {
                return _count == 0 ? index.Published : _dispatched;
            }
        }
    }

    public int Count => Volatile.Read(ref _count);

    /// <summary>Something was published.</summary>
    public void Signal()
    {
        // Publishing and subscribing each write their own word and read the other's; without the fence both could miss.
        Interlocked.MemoryBarrier();
        if (Count > 0 && Interlocked.Exchange(ref _scheduled, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>Lets every watcher know soon how far it is.</summary>
    public void WantProgress()
    {
        if (Count > 0)
        {
            Volatile.Write(ref _progressWanted, 1);
            Signal();
        }
    }

    public void Execute()
    {
        // Cleared first: a signal during the work schedules another round.
        Interlocked.Exchange(ref _scheduled, 0);
        lock (_gate)
        {
            Dispatch();
        }
    }

    /// <summary>A subscription to what follows <see cref="WatchSubscription.From"/>; what lies between that and the watcher's revision it replays from history itself.</summary>
    public WatchSubscription Subscribe(string prefix)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(EmbeddedRevisionStore));
            if (_count == 0)
            {
                _dispatched = index.Published;
            }

            var subscription = new WatchSubscription(prefix, _dispatched, backlog);
            if (!_byPrefix.TryGetValue(prefix, out List<WatchSubscription>? peers))
            {
                _byPrefix[prefix] = peers = [];
                _lengths[prefix.Length] = _lengths.GetValueOrDefault(prefix.Length) + 1;
            }

            peers.Add(subscription);
            Volatile.Write(ref _count, _count + 1);
            Signal();
            return subscription;
        }
    }

    public void Unsubscribe(WatchSubscription subscription)
    {
        lock (_gate)
        {
            if (!_byPrefix.TryGetValue(subscription.Prefix, out List<WatchSubscription>? peers) || !peers.Remove(subscription))
            {
                return;
            }

            Volatile.Write(ref _count, _count - 1);
            if (peers.Count > 0)
            {
                return;
            }

            _byPrefix.Remove(subscription.Prefix);
            int length = subscription.Prefix.Length;
            if (--_lengths[length] == 0)
            {
                _lengths.Remove(length);
            }
        }
    }

    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            EndAll(() => new StoreException(StoreFault.Unavailable, "The store is closing."));
        }
    }

    private void Dispatch()
    {
        long to = index.Published;
        var prefixes = _byPrefix.GetAlternateLookup<ReadOnlySpan<char>>();
        while (_dispatched < to)
        {
            _events.Clear();
            _dispatched = index.History.Read(_dispatched, to, Window, "", begun: true, _events);
            foreach (StoreEvent change in _events)
            {
                foreach (int length in _lengths.Keys)
                {
                    if (length > change.Key.Length)
                    {
                        break;
                    }

                    if (prefixes.TryGetValue(change.Key.AsSpan(0, length), out List<WatchSubscription>? watchers))
                    {
                        Offer(watchers, change);
                    }
                }
            }
        }

        _events.Clear();
        if (Interlocked.Exchange(ref _progressWanted, 0) == 1)
        {
            foreach (WatchSubscription watcher in _byPrefix.Values.SelectMany(w => w))
            {
                watcher.Mark(_dispatched);
            }
        }
    }

    private static void Offer(List<WatchSubscription> watchers, StoreEvent change)
    {
        foreach (WatchSubscription watcher in watchers)
        {
            watcher.Offer(change);
        }
    }

    private void EndAll(Func<Exception> fault)
    {
        foreach (WatchSubscription watcher in _byPrefix.Values.SelectMany(w => w))
        {
            watcher.End(fault());
        }
    }
}
