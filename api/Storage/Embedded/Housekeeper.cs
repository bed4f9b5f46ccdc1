using System.Diagnostics;
using ControlPlane.Api.Storage.Embedded.Commit;
using ControlPlane.Api.Storage.Embedded.Files;
using ControlPlane.Api.Storage.Embedded.Index;
using ControlPlane.Api.Storage.Embedded.Log;
using ControlPlane.Api.Storage.Embedded.Snapshots;

namespace ControlPlane.Api.Storage.Embedded;

/// <summary>Everything that is not on a write's way: deadlines, the end of history, prepared segments, seals, snapshots.</summary>
internal sealed class Housekeeper : IAsyncDisposable
{
    private const int TrimSlice = 4096;
    private const int ExpirySlice = 512;
    private readonly EmbeddedRevisionStore _store;
    private readonly EmbeddedStoreOptions _options;
    private readonly RecoveredState _state;
    private readonly IStoreFiles _files;
    private readonly StoreObserver _observer;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;
    private long _publishedBefore;

    public Housekeeper(EmbeddedRevisionStore store, EmbeddedStoreOptions options, RecoveredState state, IStoreFiles files, StoreObserver observer, TimeProvider time)
    {
        _store = store;
        _options = options;
        _state = state;
        _files = files;
        _observer = observer;
        _time = time;
        _loop = RunAsync(new PeriodicTimer(options.HousekeepingPeriod, time));
    }

    private KeyIndex Index => _state.Index;

    private SegmentedLog Log => _state.Log;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
    }

    /// <summary>One round of everything.</summary>
    internal async Task KeepAsync(CancellationToken cancellationToken)
    {
        await ExpireAsync(cancellationToken).ConfigureAwait(false);
        await ForgetAsync(cancellationToken).ConfigureAwait(false);
        long published = Index.Published;
        if (published == _publishedBefore && Log.Unsealed)
        {
            await _store.ExclusivelyAsync(Seal).ConfigureAwait(false);
        }

        if (published != _publishedBefore)
        {
            _publishedBefore = published;
            _store.Hub.WantProgress();
        }

        if (Log.WantsSpare)
        {
            Log.PrepareSpare();
        }

        await SnapshotAsync().ConfigureAwait(false);
    }

    private async Task RunAsync(PeriodicTimer timer)
    {
        using (timer)
        {
            try
            {
                while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
                {
                    try
                    {
                        await KeepAsync(_stop.Token).ConfigureAwait(false);
                    }
                    catch (Exception e) when (e is IOException or UnauthorizedAccessException or StoreException)
                    {
                        _observer.HousekeepingFailed(e);
                    }
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
            }
            catch (Exception e)
            {
                // Without this loop deadlines pass unseen and the log grows for ever.
                Environment.FailFast("The store's housekeeping failed.", e);
            }
        }
    }

    private async Task ExpireAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            long now = _time.GetUtcNow().ToUnixTimeMilliseconds();
            List<Expiry> due = await _store.ExclusivelyAsync(() => _state.Expiries.Due(now, ExpirySlice)).ConfigureAwait(false);
            if (due.Count == 0)
            {
                return;
            }

            WriteCommand[] deletes = [.. due.Select(e => new WriteCommand(e.Key, null, Expectation.At(new Revision(e.Revision)), null))];
            _store.Submit(deletes);
            try
            {
                await Task.WhenAll(deletes.Select(d => d.Done)).ConfigureAwait(false);
            }
            catch (StoreException)
            {
                await _store.ExclusivelyAsync(() => ReturnFailed(due, deletes)).ConfigureAwait(false);
                throw;
            }
        }
    }

    private bool ReturnFailed(List<Expiry> due, WriteCommand[] deletes)
    {
        for (int i = 0; i < deletes.Length; i++)
        {
            if (deletes[i].Done.IsFaulted)
            {
                _state.Expiries.Return(due[i]);
            }
        }

        return true;
    }

    private async Task ForgetAsync(CancellationToken cancellationToken)
    {
        long now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        long published = Index.Published;
        Queue<TimeMark> marks = _state.Marks;
        if (published != _publishedBefore)
        {
            marks.Enqueue(new TimeMark(now, published));
        }

        long floor = Index.History.FloorFor(_options.MaxHistoryBytes);
        while (marks.TryPeek(out TimeMark mark) && mark.Time + (long)_options.HistoryAge.TotalMilliseconds <= now)
        {
            floor = Math.Max(floor, mark.Revision);
            marks.Dequeue();
        }

        Index.History.RaiseFloor(floor);
        // Not ahead of the hub, which is never far behind: a watcher that keeps up loses nothing to a compaction.
        long to = Math.Min(Index.History.Floor, _store.Hub.Dispatched);
        while (Index.History.Trimmed < to && !cancellationToken.IsCancellationRequested)
        {
            await _store.ExclusivelyAsync(() => Index.Trim(to, TrimSlice)).ConfigureAwait(false);
        }
    }

    private async Task SnapshotAsync()
    {
        long revision = Index.History.Trimmed;
        if (Log.BytesUntil(revision) < Math.Max(2 * _options.SegmentBytes, Index.LiveBytes))
        {
            return;
        }

        // Only this loop forgets history, so the state at that revision stays readable while it is written.
        long started = Stopwatch.GetTimestamp();
        List<Expiry> expiries = await _store.ExclusivelyAsync(_state.Expiries.All).ConfigureAwait(false);
        (int keys, long bytes) = SnapshotFile.Write(_files, Index.Tree, revision, expiries);
        Log.Recycle(revision);
        _observer.SnapshotWritten(new Revision(revision), keys, bytes, Stopwatch.GetElapsedTime(started));
    }

    private bool Seal()
    {
        _store.Committer.Seal();
        return true;
    }
}
