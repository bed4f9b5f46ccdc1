namespace ControlPlane.Controllers.Tests;

/// <summary>A clock that stands still until it is moved; timers fire on the thread that moves it.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private TimeSpan _now;

    public static DateTimeOffset Start { get; } = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Start + Now;

    public override long GetTimestamp() => Now.Ticks;

    public TimeSpan Now
    {
        get
        {
            lock (_gate)
                return _now;
        }
    }

    public void Advance(TimeSpan by)
    {
        var end = Now + by;
        while (NextBefore(end) is { } timer)
            timer.Fire();
        lock (_gate)
            _now = end;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        CreateTimer(() => callback(state), dueTime, this);

    /// <summary>The same clock as one component has it: knows how many timers that component waits for.</summary>
    public View CreateView() => new(this);

    private ManualTimer CreateTimer(Action callback, TimeSpan dueTime, TimeProvider owner)
    {
        var timer = new ManualTimer(this, callback, owner);
        timer.Change(dueTime, Timeout.InfiniteTimeSpan);
        return timer;
    }

    private ManualTimer? NextBefore(TimeSpan end)
    {
        lock (_gate)
        {
            var next = _timers.Where(t => t.Due <= end).MinBy(static t => t.Due);
            if (next is not null)
            {
                _now = next.Due > _now ? next.Due : _now;
                _timers.Remove(next);
            }
            return next;
        }
    }

    internal sealed class View(ManualTime root) : TimeProvider
    {
        public override long TimestampFrequency => root.TimestampFrequency;

        public int PendingTimers
        {
            get
            {
                lock (root._gate)
                    return root._timers.Count(t => t.Owner == this);
            }
        }

        public override DateTimeOffset GetUtcNow() => root.GetUtcNow();

        public override long GetTimestamp() => root.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            root.CreateTimer(() => callback(state), dueTime, this);
    }

    private sealed class ManualTimer(ManualTime time, Action callback, TimeProvider owner) : ITimer
    {
        public TimeProvider Owner => owner;

        public TimeSpan Due { get; private set; }

        public void Fire() => callback();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._gate)
            {
                time._timers.Remove(this);
                if (dueTime == Timeout.InfiniteTimeSpan)
                    return true;
                Due = time._now + dueTime;
                time._timers.Add(this);
                return true;
            }
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
