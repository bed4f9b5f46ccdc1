using System.Collections.Concurrent;
using ControlPlane.Api.Meta;

namespace ControlPlane.Agent.Objects;

/// <summary>All objects of a kind, as last seen, and a signal for every change.</summary>
internal sealed class ObjectCache<T> : IObjectSink<T> where T : Resource
{
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ConcurrentDictionary<ObjectKey, T> _items = new();

    /// <summary>Raised after a change, on the watch's task: handlers only signal.</summary>
    public event Action? Changed;

    /// <summary>Completes with the first complete list.</summary>
    public Task Synced => _synced.Task;

    public ICollection<T> Items => _items.Values;

    public T? Find(ObjectKey key) => _items.GetValueOrDefault(key);

    public void Replace(IReadOnlyList<T> items)
    {
        _items = new ConcurrentDictionary<ObjectKey, T>(items.Select(i => KeyValuePair.Create(ObjectKey.Of(i), i)));
        _synced.TrySetResult();
        Changed?.Invoke();
    }

    public void Upsert(T item)
    {
        _items[ObjectKey.Of(item)] = item;
        Changed?.Invoke();
    }

    public void Remove(T item)
    {
        _items.TryRemove(ObjectKey.Of(item), out _);
        Changed?.Invoke();
    }
}
