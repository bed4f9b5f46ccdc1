using ControlPlane.Api.Storage.Etcd.Protocol;
using ControlPlane.Api.Storage.Etcd.Transport;
using ControlPlane.Api.Storage.Watching;

namespace ControlPlane.Api.Storage.Etcd.Watching;

/// <summary>
/// One watch of everything under the store's prefix, shared by all watchers. Because it sees every change in order, its position is a
/// progress mark for every watcher; etcd's own progress notifications, which old versions lack, are not needed.
/// </summary>
internal sealed class EtcdWatchHub(EtcdConnection connection, EtcdKeys keys, EtcdStoreOptions options, EtcdCalls calls) : IAsyncDisposable
{
    private static readonly TimeSpan NudgeDelay = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan MarkPeriod = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _starting = new(1);

    // Guards everything below.
    private readonly Lock _gate = new();
    private readonly WatchRoutes _routes = new();
    private Task _loop = Task.CompletedTask;
    private Task _nudge = Task.CompletedTask;
    private RecentChanges _recent = new(0, 0);
    private bool _running;
    private long _position;
    private long _wanted;
    private long _markedAt;

    /// <summary>A subscription to what follows <see cref="WatchSubscription.From"/>, which is <paramref name="after"/> unless that is long ago.</summary>
    public async Task<WatchSubscription> SubscribeAsync(string prefix, long after, CancellationToken cancellationToken)
    {
        await _starting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            long revision = _running ? 0 : await calls.CurrentRevisionAsync(cancellationToken).ConfigureAwait(false);
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_stop.IsCancellationRequested, typeof(EtcdRevisionStore));
                if (!_running)
                {
                    // Where the first watcher begins, so that those who listed with it need no catching up either.
                    Start(after > 0 ? Math.Min(after, revision) : revision);
                }

                return Subscribe(prefix, after);
            }
        }
        finally
        {
            _starting.Release();
        }
    }

    public void Unsubscribe(WatchSubscription subscription)
    {
        lock (_gate)
        {
            _routes.Remove(subscription);
        }
    }

    /// <summary>Sees to it that every watcher gets a mark at or above a revision soon.</summary>
    public void WantProgress(long revision)
    {
        lock (_gate)
        {
            if (!_running || _routes.Count == 0)
            {
                return;
            }

            if (_position >= revision)
            {
                _routes.MarkAll(_position);
                return;
            }

            _wanted = Math.Max(_wanted, revision);
            if (_nudge.IsCompleted)
            {
                _nudge = NudgeAsync();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        Task[] tasks;
        lock (_gate)
        {
            tasks = [_loop, _nudge];
            _routes.EndAll(() => new StoreException(StoreFault.Unavailable, "The store is closing."));
        }

        await Task.WhenAll(tasks).ConfigureAwait(false);
    }

    /// <summary>Caller holds _gate.</summary>
    private WatchSubscription Subscribe(string prefix, long after)
    {
        bool recent = after >= _recent.Floor && after < _position;
        var subscription = new WatchSubscription(prefix, recent ? after : _position, options.WatchBacklog);
        if (recent)
        {
            foreach (StoreEvent change in _recent.After(after, prefix))
            {
                subscription.Offer(change);
            }
        }

        _routes.Add(subscription);
        return subscription;
    }

    /// <summary>Caller holds _gate.</summary>
    private void Start(long revision)
    {
        // A hub that ended told its watchers; they are not this one's.
        (_running, _position, _wanted, _recent) = (true, revision, 0, new RecentChanges(revision, options.WatchBacklog / 2));
        _loop = RunAsync(revision + 1);
    }

    private async Task RunAsync(long startRevision)
    {
        await Task.Yield();
        var watch = new EtcdWatch(connection, keys.Sync, keys.EndOf(""), startRevision);
        try
        {
            while (true)
            {
                Route(await watch.ReadAsync(_stop.Token).ConfigureAwait(false));
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            // Whatever it is, every watcher hears it; the next one starts the hub anew.
            var fault = e as StoreException;
            lock (_gate)
            {
                _running = false;
                _routes.EndAll(() => new StoreException(fault?.Fault ?? StoreFault.Unavailable, e.Message, e) { Boundary = fault?.Boundary });
            }
        }
        finally
        {
            await watch.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void Route(EtcdChanges changes)
    {
        lock (_gate)
        {
            foreach (Event change in changes.Events)
            {
                if (!keys.IsSync(change.Kv.Key))
                {
                    StoreEvent translated = keys.EventOf(change);
                    _recent.Add(translated);
                    _routes.Offer(translated);
                }
            }

            _position = changes.Revision;
            long now = Environment.TickCount64;
            if ((_wanted > 0 && _position >= _wanted) || now - _markedAt > MarkPeriod.TotalMilliseconds)
            {
                _wanted = _position >= _wanted ? 0 : _wanted;
                _markedAt = now;
                _routes.MarkAll(_position);
            }
        }
    }

    /// <summary>When the revision waited for was somebody else's, outside our prefix, no event will ever tell; one of our own does.</summary>
    private async Task NudgeAsync()
    {
        try
        {
            await Task.Delay(NudgeDelay, _stop.Token).ConfigureAwait(false);
            long wanted;
            lock (_gate)
            {
                wanted = _running && _wanted > _position ? _wanted : 0;
            }

            if (wanted > 0)
            {
                await calls.PutSyncAsync(wanted - 1, _stop.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
        catch (StoreException)
        {
            // A mark late is no harm, and whoever waits for it asks again.
        }
    }
}
