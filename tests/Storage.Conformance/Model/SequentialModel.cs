using ControlPlane.Api.Storage;

namespace ControlPlane.Storage.Conformance.Model;

/// <summary>One client, one copy of everything per revision.</summary>
internal sealed class SequentialModel
{
    private readonly SortedDictionary<long, SortedDictionary<string, (string Value, long Revision)>> _states = [];
    private (string Key, string? Value)? _pending;

    public SequentialModel(long revision)
    {
        _states[revision] = new SortedDictionary<string, (string Value, long Revision)>(StringComparer.Ordinal);
        Last = Floor = revision;
    }

    public readonly record struct Outcome(bool Committed, string? Current);

    public List<Change> Changes { get; } = [];

    public long Last { get; private set; }

    public long Floor { get; private set; }

    private SortedDictionary<string, (string Value, long Revision)> Current => _states[Last];

    public Outcome Put(string key, string value, Expectation expectation)
    {
        if (!expectation.Matches(RevisionOf(key) is { } r ? new Revision(r) : null))
        {
            return new Outcome(false, Get(key));
        }

        _pending = (key, value);
        return new Outcome(true, null);
    }

    public Outcome Delete(string key, Expectation expectation)
    {
        if (RevisionOf(key) is not { } revision || !expectation.Matches(new Revision(revision)))
        {
            return new Outcome(false, Get(key));
        }

        _pending = (key, null);
        return new Outcome(true, Get(key));
    }

    /// <summary>The pending write took this revision.</summary>
    public void Commit(long revision)
    {
        Assert.True(revision > Last, $"revision {revision} after {Last}");
        (string key, string? value) = _pending!.Value;
        var next = new SortedDictionary<string, (string Value, long Revision)>(Current, StringComparer.Ordinal);
        bool existed = next.TryGetValue(key, out (string Value, long Revision) previous);
        if (value is null)
        {
            next.Remove(key);
        }
        else
        {
            next[key] = (value, revision);
        }

        _states[revision] = next;
        Last = revision;
        Changes.Add(new Change(key, revision, value, existed ? previous.Value : null, existed ? previous.Revision : 0));
    }

    public string? Get(string key) => Current.TryGetValue(key, out (string Value, long Revision) v) ? $"{key}={v.Value}@{v.Revision}" : null;

    public long? RevisionOf(string key) => Current.TryGetValue(key, out (string Value, long Revision) v) ? v.Revision : null;

    public void Compact(long revision) => Floor = Math.Max(Floor, revision);

    public IEnumerable<string> Range(string prefix, string? after, long? at) =>
        from pair in at is { } revision ? _states[revision] : Current
        where pair.Key.StartsWith(prefix, StringComparison.Ordinal) && (after is null || string.CompareOrdinal(pair.Key, after) > 0)
        select $"{pair.Key}={pair.Value.Value}@{pair.Value.Revision}";

    /// <summary>A revision that happened, mostly recent.</summary>
    public long RandomRevision(Random random)
    {
        long[] recent = [.. _states.Keys.TakeLast(12)];
        return recent[random.Next(recent.Length)];
    }
}
