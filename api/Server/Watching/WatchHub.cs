using System.Collections.Concurrent;
using ControlPlane.Api.Server.Registry;
using ControlPlane.Api.Storage;

namespace ControlPlane.Api.Server.Watching;

/// <summary>
/// Follows the store with a single watch over all keys and feeds the cache of every resource. One watch means one revision for all caches:
/// a write of any resource tells all of them how far they are, so consistent reads need nothing from the backend but its current revision.
/// </summary>
internal sealed partial class WatchHub(IRevisionStore store, ValueProtector protector, WatchCacheLimits limits, TimeProvider time, ILogger<WatchHub> logger)
{
    private readonly ConcurrentDictionary<string, WatchCache> _caches = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    // Guarded by _gate.
    private readonly PriorityQueue<TaskCompletionSource, long> _waiting = new();
    private long _revision;
    private long _historyStart;

    /// <summary>Every cache has everything up to here.</summary>
    public long Revision => Volatile.Read(ref _revision);

    /// <summary>The cache of a resource; an unused resource has an empty one.</summary>
    public WatchCache CacheOf(string prefix) => _caches.GetOrAdd(prefix, p => new WatchCache(p, Volatile.Read(ref _historyStart), limits));

    /// <summary>Loads everything the store has. Reads are served after this.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        var (byPrefix, revision) = await ReadAllAsync(cancellationToken);
        Volatile.Write(ref _historyStart, revision);
        Volatile.Write(ref _revision, revision);
        foreach (var (prefix, objects) in byPrefix)
        {
            var cache = CacheOf(prefix);
            foreach (var value in objects)
                cache.Load(value);
        }
        Log.Loaded(logger, byPrefix.Sum(p => p.Value.Count), revision);
    }

    /// <summary>Follows the store until cancelled. A fault of the store is retried, slower each time; lost history is read anew.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var historyLost = false;
        var failures = 0;
        while (true)
        {
            try
            {
                if (historyLost)
                    await ReloadAsync(cancellationToken);
                historyLost = false;
                await foreach (var batch in store.WatchAsync(StorageKey.Root, new Revision(Revision), cancellationToken))
                {
                    Dispatch(batch);
                    failures = 0;
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (StoreException error) when (error.Fault is StoreFault.Compacted or StoreFault.SlowConsumer)
            {
                Log.HistoryLost(logger, error, Revision);
                historyLost = true;
            }
            catch (StoreException error) when (error.Fault is StoreFault.Unavailable)
            {
                Log.Interrupted(logger, error, Revision);
                if (!await WaitAsync(TimeSpan.FromMilliseconds(Math.Min(100 << failures, 5000)), cancellationToken))
                    return;
                failures = Math.Min(failures + 1, 10);
            }
        }
    }

    /// <summary>Completes when every cache has everything up to <paramref name="revision"/>; false when that takes longer than <paramref name="patience"/>.</summary>
    public async ValueTask<bool> WaitForAsync(long revision, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (Revision >= revision)
            return true;
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_revision >= revision)
                return true;
            _waiting.Enqueue(reached, revision);
        }
        try
        {
            await reached.Task.WaitAsync(patience, time, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>False when the wait was cancelled.</summary>
    private async Task<bool> WaitAsync(TimeSpan delay, CancellationToken cancellationToken)
    {
        await Task.Delay(delay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !cancellationToken.IsCancellationRequested;
    }

    private void Dispatch(WatchBatch batch)
    {
        if (batch.Events.Count > 0)
        {
            var changes = new List<CacheEvent>(batch.Events.Count);
            string? prefix = null;
            foreach (var change in batch.Events)
            {
                if (StorageKey.PrefixOf(change.Key) is not { } next)
                    continue;
                if (next != prefix)
                {
                    Flush(prefix, changes);
                    prefix = next;
                }
                if (ToCacheEvent(CacheOf(next), change) is { } translated)
                    changes.Add(translated);
            }
            Flush(prefix, changes);
        }
        Advance(batch.Revision.Value);
    }

    private void Flush(string? prefix, List<CacheEvent> changes)
    {
        if (prefix is null || changes.Count == 0)
            return;
        CacheOf(prefix).Apply(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(changes));
        changes.Clear();
    }

    private CacheEvent? ToCacheEvent(WatchCache cache, StoreEvent change)
    {
        var previous = change.Previous is { } before ? Previous(cache, before) : null;
        if (change.Value is { } value)
            return new CacheEvent(change.Revision.Value, protector.Open(new StoredValue(change.Key, value, change.Revision)), previous);
        return previous is null ? null : new CacheEvent(change.Revision.Value, null, previous);
    }

    /// <summary>The cache has it already, with what selectors read from it, unless this batch changed the object twice.</summary>
    private StoredObject Previous(WatchCache cache, StoredValue before) =>
        cache.Find(before.Key) is { } cached && cached.Revision == before.Revision.Value ? cached : protector.Open(before);

    private void Advance(long revision)
    {
        lock (_gate)
        {
            if (revision > _revision)
                Volatile.Write(ref _revision, revision);
            while (_waiting.TryPeek(out var waiter, out var wanted) && wanted <= _revision)
            {
                _waiting.Dequeue();
                waiter.TrySetResult();
            }
        }
    }

    private async Task ReloadAsync(CancellationToken cancellationToken)
    {
        var (byPrefix, revision) = await ReadAllAsync(cancellationToken);
        Volatile.Write(ref _historyStart, revision);
        foreach (var prefix in byPrefix.Keys)
            CacheOf(prefix);
        foreach (var cache in _caches.Values)
            cache.Replace(byPrefix.GetValueOrDefault(cache.Prefix) ?? [], revision);
        Advance(revision);
    }

    private async Task<(Dictionary<string, List<StoredObject>> ByPrefix, long Revision)> ReadAllAsync(CancellationToken cancellationToken)
    {
        var byPrefix = new Dictionary<string, List<StoredObject>>(StringComparer.Ordinal);
        var query = new RangeQuery(StorageKey.Root) { Limit = 1000 };
        while (true)
        {
            var page = await store.RangeAsync(query, cancellationToken);
            foreach (var item in page.Items)
            {
                if (StorageKey.PrefixOf(item.Key) is not { } prefix)
                    continue;
                if (!byPrefix.TryGetValue(prefix, out var objects))
                    byPrefix[prefix] = objects = [];
                objects.Add(protector.Open(item));
            }
            if (page.Remaining == 0)
                return (byPrefix, page.Revision.Value);
            query = query with { AfterKey = page.Items[^1].Key, AtRevision = page.Revision };
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Loaded {Count} objects at revision {Revision}")]
        public static partial void Loaded(ILogger logger, int count, long revision);

        [LoggerMessage(2, LogLevel.Warning, "The store's history after revision {Revision} is gone; reading everything anew")]
        public static partial void HistoryLost(ILogger logger, Exception error, long revision);

        [LoggerMessage(3, LogLevel.Warning, "The watch of the store was interrupted at revision {Revision}; watching again")]
        public static partial void Interrupted(ILogger logger, Exception error, long revision);
    }
}
