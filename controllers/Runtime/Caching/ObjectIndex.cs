using ControlPlane.Api.Meta;

namespace ControlPlane.Controllers.Caching;

/// <summary>Finds a cache's objects by a value computed from them.</summary>
/// <typeparam name="T">Kind.</typeparam>
public sealed class ObjectIndex<T> where T : Resource
{
    private readonly Lock _gate;
    private readonly Func<T, IEnumerable<string>> _values;

    // Under the cache's _gate.
    private readonly Dictionary<string, Dictionary<ObjectKey, T>> _buckets = new(StringComparer.Ordinal);

    internal ObjectIndex(Lock gate, Func<T, IEnumerable<string>> values)
    {
        _gate = gate;
        _values = values;
    }

    /// <summary>Objects with this value, in no order.</summary>
    public IReadOnlyList<T> this[string value]
    {
        get
        {
            lock (_gate)
                return _buckets.TryGetValue(value, out var bucket) ? [.. bucket.Values] : [];
        }
    }

    /// <summary>How many objects have this value.</summary>
    public int Count(string value)
    {
        lock (_gate)
            return _buckets.TryGetValue(value, out var bucket) ? bucket.Count : 0;
    }

    // Caller holds _gate.
    internal void Add(ObjectKey key, T item)
    {
        foreach (var value in _values(item))
        {
            if (!_buckets.TryGetValue(value, out var bucket))
                _buckets[value] = bucket = [];
            bucket[key] = item;
        }
    }

    // Caller holds _gate.
    internal void Remove(ObjectKey key, T item)
    {
        foreach (var value in _values(item))
        {
            if (_buckets.TryGetValue(value, out var bucket) && bucket.Remove(key) && bucket.Count == 0)
                _buckets.Remove(value);
        }
    }
}
