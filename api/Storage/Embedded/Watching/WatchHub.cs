using ControlPlane.Api.Storage.Embedded.Index;
using ControlPlane.Api.Storage.Watching;

namespace ControlPlane.Api.Storage.Embedded.Watching;

/// <summary>
/// Brings published changes to watchers, off the writer's thread. The writer only leaves a signal; one work item at a time reads history
/// from where it stopped and puts each change into the inboxes of those whose prefix matches.
/// </summary>
internal sealed class WatchHub(KeyIndex index, int backlog) : IThreadPoolWorkItem
{
    private const int Window = 1024;

    // Guards everything below up to the flags. Lock order: _gate, then history's or a subscription's.
    private readonly Lock _gate = new();
    private readonly WatchRoutes _routes = new();
    private readonly List<StoreEvent> _events = [];
    private long _dispatched;
    private bool _closed;

    private int _watchers;
    private int _scheduled;
    private int _progressWanted;

    /// <summary>Everything up to here is in the inboxes; history after it is still needed.</summary>
    public long Dispatched
    {
        get
        {
            lock (_gate)
            {
                return _routes.Count == 0 ? index.Published : _dispatched;
            }
        }
    }

    /// <summary>Something was published.</summary>
    public void Signal()
    {
        // Publishing and subscribing each write their own word and read the other's; without the fence both could miss.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _watchers) > 0 && Interlocked.Exchange(ref _scheduled, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>Lets every watcher know soon how far it is.</summary>
    public void WantProgress()
    {
        Volatile.Write(ref _progressWanted, 1);
        Signal();
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
            if (_routes.Count == 0)
            {
                _dispatched = index.Published;
            }

            var subscription = new WatchSubscription(prefix, _dispatched, backlog);
            _routes.Add(subscription);
            Volatile.Write(ref _watchers, _routes.Count);
            Signal();
            return subscription;
        }
    }

    public void Unsubscribe(WatchSubscription subscription)
    {
        lock (_gate)
        {
            _routes.Remove(subscription);
            Volatile.Write(ref _watchers, _routes.Count);
        }
    }

    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            _routes.EndAll(() => new StoreException(StoreFault.Unavailable, "The store is closing."));
        }
    }

    private void Dispatch()
    {
        long to = index.Published;
        while (_dispatched < to)
        {
            _events.Clear();
            _dispatched = index.History.Read(_dispatched, to, Window, "", begun: true, _events);
            foreach (StoreEvent change in _events)
            {
                _routes.Offer(change);
            }
        }

        _events.Clear();
        if (Interlocked.Exchange(ref _progressWanted, 0) == 1)
        {
            _routes.MarkAll(_dispatched);
        }
    }
}
