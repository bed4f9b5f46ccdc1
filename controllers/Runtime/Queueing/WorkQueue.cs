using System.Threading.Channels;
using ControlPlane.Api.Meta;

namespace ControlPlane.Controllers.Queueing;

/// <summary>
/// Keys to look at. A key waits at most once, however often it is added; it is never handed to two workers at once:
/// added while being worked on, it comes again afterwards. Holds at most one entry per distinct key.
/// </summary>
public sealed class WorkQueue : IDisposable
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly QueueMetrics _metrics;
    private readonly ITimer _timer;

    // All below: under _gate. The channel is unbounded but holds every key at most once.
    private readonly Dictionary<ObjectKey, Entry> _entries = [];
    private readonly PriorityQueue<ObjectKey, long> _later = new();
    private readonly Channel<ObjectKey> _ready = Channel.CreateUnbounded<ObjectKey>();

    /// <summary>An empty queue.</summary>
    public WorkQueue(TimeProvider time) : this(time, QueueMetrics.None) { }

    internal WorkQueue(TimeProvider time, QueueMetrics metrics)
    {
        _time = time;
        _metrics = metrics;
        _timer = time.CreateTimer(static queue => ((WorkQueue)queue!).MoveDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Keys that a worker could take now.</summary>
    public int Depth
    {
        get
        {
            lock (_gate)
                return _ready.Reader.Count;
        }
    }

    /// <summary>Looks at a key as soon as possible.</summary>
    public void Add(ObjectKey key)
    {
        lock (_gate)
        {
            _metrics.Added();
            Enqueue(key, EntryOf(key));
        }
    }

    /// <summary>Looks at a key after a delay, or earlier if it is added meanwhile. The latest call replaces earlier ones.</summary>
    public void AddAfter(ObjectKey key, TimeSpan delay)
    {
        if (delay <= TimeSpan.Zero)
        {
            Add(key);
            return;
        }
        lock (_gate)
        {
            var entry = EntryOf(key);
            if (entry.IsReady)
                return;
            entry.DueAt = _time.GetTimestamp() + (long)(delay.TotalSeconds * _time.TimestampFrequency);
            _later.Enqueue(key, entry.DueAt.Value);
            ArmTimer();
        }
    }

    /// <summary>Looks at a failed key after a delay that grows with its failures in a row.</summary>
    /// <returns>The failures in a row and the delay.</returns>
    public (int Failures, TimeSpan Delay) AddFailed(ObjectKey key, Backoff backoff)
    {
        int failures;
        lock (_gate)
            failures = ++EntryOf(key).Failures;
        _metrics.Retried();
        var delay = backoff.After(failures);
        AddAfter(key, delay);
        return (failures, delay);
    }

    /// <summary>The key succeeded: its next failure is the first.</summary>
    public void Forget(ObjectKey key)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out var entry))
                entry.Failures = 0;
        }
    }

    /// <summary>Waits for a key. The caller must give it back with <see cref="Done"/>.</summary>
    public async ValueTask<ObjectKey> TakeAsync(CancellationToken cancellationToken)
    {
        var key = await _ready.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            var entry = _entries[key];
            entry.IsReady = false;
            entry.IsTaken = true;
            entry.DueAt = null;
            _metrics.Taken(_time.GetElapsedTime(entry.ReadySince));
        }
        return key;
    }

    /// <summary>Gives a key back. If it was added meanwhile it becomes ready again.</summary>
    public void Done(ObjectKey key)
    {
        lock (_gate)
        {
            var entry = _entries[key];
            entry.IsTaken = false;
            if (entry.IsWanted)
                Enqueue(key, entry);
            else if (entry.DueAt is null && entry.Failures == 0)
                _entries.Remove(key);
        }
    }

    /// <summary>Stops the timer.</summary>
    public void Dispose() => _timer.Dispose();

    // Caller holds _gate.
    private Entry EntryOf(ObjectKey key)
    {
        if (!_entries.TryGetValue(key, out var entry))
            _entries[key] = entry = new Entry();
        return entry;
    }

    // Caller holds _gate.
    private void Enqueue(ObjectKey key, Entry entry)
    {
        if (entry.IsTaken)
        {
            entry.IsWanted = true;
            return;
        }
        entry.IsWanted = false;
        if (entry.IsReady)
            return;
        entry.IsReady = true;
        entry.ReadySince = _time.GetTimestamp();
        _ready.Writer.TryWrite(key);
    }

    private void MoveDue()
    {
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            while (_later.TryPeek(out var key, out var due) && due <= now)
            {
                _later.Dequeue();
                // Replaced or served meanwhile: its entry no longer says this time.
                if (_entries.TryGetValue(key, out var entry) && entry.DueAt == due)
                {
                    entry.DueAt = null;
                    Enqueue(key, entry);
                }
            }
            ArmTimer();
        }
    }

    // Caller holds _gate.
    private void ArmTimer()
    {
        if (!_later.TryPeek(out _, out var due))
            return;
        var delay = TimeSpan.FromSeconds(Math.Max(0, due - _time.GetTimestamp()) / (double)_time.TimestampFrequency);
        // Timers count whole milliseconds: round up, or it fires just too early.
        _timer.Change(TimeSpan.FromMilliseconds(Math.Min(Math.Ceiling(delay.TotalMilliseconds), 3_600_000)), Timeout.InfiniteTimeSpan);
    }

    private sealed class Entry
    {
        public bool IsReady { get; set; }

        public bool IsTaken { get; set; }

        public bool IsWanted { get; set; }

        public long ReadySince { get; set; }

        public long? DueAt { get; set; }

        public int Failures { get; set; }
    }
}
