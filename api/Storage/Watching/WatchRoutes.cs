namespace ControlPlane.Api.Storage.Watching;

/// <summary>
/// Which subscriptions a change goes to, found by one hash look-up for each distinct prefix length: the cost of a change does not grow with
/// watchers of other prefixes. Not thread-safe; its owner holds a lock.
/// </summary>
internal sealed class WatchRoutes
{
    private readonly Dictionary<string, List<WatchSubscription>> _byPrefix = new(StringComparer.Ordinal);
    private readonly SortedDictionary<int, int> _lengths = [];

    public int Count { get; private set; }

    public void Add(WatchSubscription subscription)
    {
        string prefix = subscription.Prefix;
        if (!_byPrefix.TryGetValue(prefix, out List<WatchSubscription>? peers))
        {
            _byPrefix[prefix] = peers = [];
            _lengths[prefix.Length] = _lengths.GetValueOrDefault(prefix.Length) + 1;
        }

        peers.Add(subscription);
        Count++;
    }

    public void Remove(WatchSubscription subscription)
    {
        if (!_byPrefix.TryGetValue(subscription.Prefix, out List<WatchSubscription>? peers) || !peers.Remove(subscription))
        {
            return;
        }

        Count--;
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

    public void Offer(StoreEvent change)
    {
        var prefixes = _byPrefix.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (int length in _lengths.Keys)
        {
            if (length > change.Key.Length)
            {
                return;
            }

            if (prefixes.TryGetValue(change.Key.AsSpan(0, length), out List<WatchSubscription>? watchers))
            {
                foreach (WatchSubscription watcher in watchers)
                {
                    watcher.Offer(change);
                }
            }
        }
    }

    public void MarkAll(long revision)
    {
        foreach (WatchSubscription watcher in _byPrefix.Values.SelectMany(w => w))
        {
            watcher.Mark(revision);
        }
    }

    public void EndAll(Func<Exception> fault)
    {
        foreach (WatchSubscription watcher in _byPrefix.Values.SelectMany(w => w))
        {
            watcher.End(fault());
        }
    }
}
