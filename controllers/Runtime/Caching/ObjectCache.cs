using System.Diagnostics.CodeAnalysis;
using ControlPlane.Api.Meta;

namespace ControlPlane.Controllers.Caching;

/// <summary>
/// The objects of one kind as of some version, kept up to date by a <see cref="Reflector{T}"/>. Thread-safe.
/// Objects are shared and immutable; <c>managedFields</c> are dropped to save memory.
/// </summary>
/// <param name="trim">Drops from each object what nobody will read, to save memory.</param>
/// <typeparam name="T">Kind.</typeparam>
public sealed class ObjectCache<T>(Func<T, T>? trim = null) : ICacheView where T : Resource
{
    // _delivery serializes changes and their subscribers; only the writer and Subscribe take it. _gate guards the data and is
    // never held while calling out, so that a subscriber may read any cache. Order: _delivery, then _gate.
    private readonly Lock _delivery = new();
    private readonly Lock _gate = new();

    // Under _gate.
    private readonly Dictionary<ObjectKey, T> _items = [];
    private readonly Dictionary<string, ObjectIndex<T>> _indexes = new(StringComparer.Ordinal);
    private readonly List<Waiter> _waiters = [];
    private string? _version;

    // Under _delivery.
    private readonly List<Action<CacheChange<T>>> _subscribers = [];

    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completed once the cache holds a complete state.</summary>
    public Task Synced => _synced.Task;

    /// <summary>The version that the cache has seen; <c>null</c> before it is synced.</summary>
    public string? Version
    {
        get
        {
            lock (_gate)
                return _version;
        }
    }

    /// <summary>How many objects there are.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _items.Count;
        }
    }

    /// <summary>The object, or <c>null</c>.</summary>
    public T? Find(ObjectKey key)
    {
        lock (_gate)
            return _items.GetValueOrDefault(key);
    }

    /// <summary>Whether there is such an object, and it.</summary>
    public bool TryGet(ObjectKey key, [NotNullWhen(true)] out T? item)
    {
        item = Find(key);
        return item is not null;
    }

    /// <summary>All objects, in no order.</summary>
    public IReadOnlyList<T> List()
    {
        lock (_gate)
            return [.. _items.Values];
    }

    /// <summary>All objects of a namespace, in no order.</summary>
    public IReadOnlyList<T> InNamespace(string @namespace) =>
        IndexBy("namespace", static item => [item.Metadata.Namespace ?? ""])[@namespace];

    /// <summary>All objects whose controlling owner has this UID, in no order.</summary>
    public IReadOnlyList<T> OwnedBy(string uid) =>
        IndexBy("owner", static item => item.ControllingOwner() is { } owner ? [owner.Uid] : [])[uid];

    /// <summary>An index under a name; made on first use, the same one for everybody who asks for that name.</summary>
    /// <param name="name">Stands for the function: the same name must always mean the same function.</param>
    /// <param name="values">Pure; the values under which an object is found.</param>
    public ObjectIndex<T> IndexBy(string name, Func<T, IEnumerable<string>> values)
    {
        lock (_gate)
        {
            if (_indexes.TryGetValue(name, out var index))
                return index;
            index = new ObjectIndex<T>(_gate, values);
            foreach (var (key, item) in _items)
                index.Add(key, item);
            return _indexes[name] = index;
        }
    }

    /// <summary>Calls back for every object now and for every change from now on, one at a time and in order. Must return quickly.</summary>
    /// <returns>Dispose to stop.</returns>
    public IDisposable Subscribe(Action<CacheChange<T>> subscriber)
    {
        lock (_delivery)
        {
            foreach (var item in List())
                subscriber(new CacheChange<T>(null, item));
            _subscribers.Add(subscriber);
        }
        return new Subscription(this, subscriber);
    }

    /// <summary>Waits until the cache has seen a version: then it shows everything written up to it.</summary>
    public Task WaitForAsync(string resourceVersion, CancellationToken cancellationToken) =>
        WaitUntilAsync(() => ResourceVersions.IsAtLeast(_version, resourceVersion), cancellationToken);

    /// <summary>Waits until the object with this UID is gone from the cache.</summary>
    public Task WaitForAbsenceAsync(ObjectKey key, string uid, CancellationToken cancellationToken) =>
        WaitUntilAsync(() => _version is not null && (!_items.TryGetValue(key, out var item) || item.Metadata.Uid != uid), cancellationToken);

    /// <summary>Takes a complete state; what is missing from it is deleted.</summary>
    public void Replace(IReadOnlyCollection<T> items, string resourceVersion)
    {
        lock (_delivery)
        {
            var changes = new List<CacheChange<T>>();
            lock (_gate)
            {
                var vanished = new HashSet<ObjectKey>(_items.Keys);
                foreach (var item in items)
                {
                    vanished.Remove(ObjectKey.Of(item));
                    Collect(Put(item), changes);
                }
                foreach (var key in vanished)
                    Collect(Take(key), changes);
                _version = resourceVersion;
            }
            Deliver(changes);
        }
        _synced.TrySetResult();
    }

    /// <summary>Takes a created or changed object.</summary>
    public void Set(T item, string resourceVersion)
    {
        lock (_delivery)
        {
            var changes = new List<CacheChange<T>>(1);
            lock (_gate)
            {
                Collect(Put(item), changes);
                _version = resourceVersion;
            }
            Deliver(changes);
        }
    }

    /// <summary>Takes the end of an object.</summary>
    public void Remove(ObjectKey key, string resourceVersion)
    {
        lock (_delivery)
        {
            var changes = new List<CacheChange<T>>(1);
            lock (_gate)
            {
                Collect(Take(key), changes);
                _version = resourceVersion;
            }
            Deliver(changes);
        }
    }

    /// <summary>Nothing has changed up to a version.</summary>
    public void Advance(string resourceVersion)
    {
        lock (_delivery)
        {
            lock (_gate)
                _version = resourceVersion;
            Deliver([]);
        }
    }

    // Caller holds _gate.
    private CacheChange<T>? Put(T item)
    {
        var key = ObjectKey.Of(item);
        var old = _items.GetValueOrDefault(key);
        if (old is not null && old.Metadata.ResourceVersion == item.Metadata.ResourceVersion && old.Metadata.Uid == item.Metadata.Uid)
            return null;
        if (item.Metadata.ManagedFields.Count > 0)
            item = item with { Metadata = item.Metadata with { ManagedFields = [] } };
        if (trim is not null)
            item = trim(item);
        foreach (var index in _indexes.Values)
        {
            if (old is not null)
                index.Remove(key, old);
            index.Add(key, item);
        }
        _items[key] = item;
        return new CacheChange<T>(old, item);
    }

    // Caller holds _gate.
    private CacheChange<T>? Take(ObjectKey key)
    {
        if (!_items.Remove(key, out var old))
            return null;
        foreach (var index in _indexes.Values)
            index.Remove(key, old);
        return new CacheChange<T>(old, null);
    }

    // Caller holds _delivery. Waiters come last: whoever waited for a version finds the subscribers told about it.
    private void Deliver(List<CacheChange<T>> changes)
    {
        foreach (var change in changes)
        {
            foreach (var subscriber in _subscribers)
                subscriber(change);
        }
        lock (_gate)
        {
            for (var i = _waiters.Count - 1; i >= 0; i--)
            {
                if (!_waiters[i].IsOver())
                    continue;
                _waiters[i].Completion.TrySetResult();
                _waiters.RemoveAt(i);
            }
        }
    }

    private async Task WaitUntilAsync(Func<bool> isOver, CancellationToken cancellationToken)
    {
        Waiter waiter;
        lock (_gate)
        {
            if (isOver())
                return;
            waiter = new Waiter(isOver, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            _waiters.Add(waiter);
        }
        try
        {
            await waiter.Completion.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            lock (_gate)
                _waiters.Remove(waiter);
            throw;
        }
    }

    private static void Collect(CacheChange<T>? change, List<CacheChange<T>> changes)
    {
        if (change is { } made)
            changes.Add(made);
    }

    // IsOver runs under _gate.
    private sealed record Waiter(Func<bool> IsOver, TaskCompletionSource Completion);

    private sealed class Subscription(ObjectCache<T> cache, Action<CacheChange<T>> subscriber) : IDisposable
    {
        public void Dispose()
        {
            lock (cache._delivery)
                cache._subscribers.Remove(subscriber);
        }
    }
}
