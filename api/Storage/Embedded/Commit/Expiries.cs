namespace ControlPlane.Api.Storage.Embedded.Commit;

/// <summary>A key that is to be deleted at a deadline, unless it is written again before.</summary>
internal readonly record struct Expiry(string Key, long Revision, long Deadline);

/// <summary>Deadlines of keys. Writer only.</summary>
internal sealed class Expiries
{
    private readonly Dictionary<string, Expiry> _byKey = new(StringComparer.Ordinal);
    private readonly PriorityQueue<Expiry, long> _byDeadline = new();

    public void Set(string key, long revision, long deadline)
    {
        if (deadline == 0)
        {
            _byKey.Remove(key);
            return;
        }

        var expiry = new Expiry(key, revision, deadline);
        _byKey[key] = expiry;
        _byDeadline.Enqueue(expiry, deadline);
        if (_byDeadline.Count > (2 * _byKey.Count) + 1024)
        {
            // Keys renewed often leave stale deadlines behind.
            _byDeadline.Clear();
            _byDeadline.EnqueueRange(_byKey.Values.Select(e => (e, e.Deadline)));
        }
    }

    /// <summary>The deadline of exactly this write of the key, or 0.</summary>
    public long DeadlineOf(string key, long revision) =>
        _byKey.TryGetValue(key, out Expiry expiry) && expiry.Revision == revision ? expiry.Deadline : 0;

    public List<Expiry> Due(long now, int max)
    {
        var due = new List<Expiry>();
        while (due.Count < max && _byDeadline.TryPeek(out Expiry next, out long deadline) && deadline <= now)
        {
            _byDeadline.Dequeue();
            if (_byKey.TryGetValue(next.Key, out Expiry current) && current == next)
            {
                due.Add(next);
            }
        }

        return due;
    }

    /// <summary>Puts back what could not be deleted.</summary>
    public void Return(Expiry expiry) => _byDeadline.Enqueue(expiry, expiry.Deadline);

    public List<Expiry> All() => [.. _byKey.Values];
}
