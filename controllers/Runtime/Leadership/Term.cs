namespace ControlPlane.Controllers.Leadership;

/// <summary>A time of leadership, as long as it is renewed. Ends by itself at the moment up to which it was renewed.</summary>
internal sealed class Term : IDisposable
{
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ended;
    private long _validUntil;

    private Term(TimeProvider time, CancellationTokenSource ended)
    {
        _time = time;
        _ended = ended;
        Ended = ended.Token;
    }

    /// <summary>Fires when the term ends.</summary>
    public CancellationToken Ended { get; }

    /// <summary>
    /// Whether it is still sure that nobody else leads. Looks at the clock, for the timer behind <see cref="Ended"/>
    /// may be late in a process that was stopped for a while.
    /// </summary>
    public bool IsHeld => !_ended.IsCancellationRequested && _time.GetTimestamp() < Volatile.Read(ref _validUntil);

    /// <summary>For processes without leader election.</summary>
    public static Term Unlimited(TimeProvider time) => new(time, new CancellationTokenSource()) { _validUntil = long.MaxValue };

    /// <summary>From the moment before the request that won the lease was sent.</summary>
    public static Term Since(long requested, TimeSpan duration, TimeProvider time)
    {
        var term = new Term(time, new CancellationTokenSource(duration, time));
        term.Renew(requested, duration);
        return term;
    }

    /// <summary>From the moment before the request that renewed the lease was sent.</summary>
    public void Renew(long requested, TimeSpan duration)
    {
        Volatile.Write(ref _validUntil, requested + (long)(duration.TotalSeconds * _time.TimestampFrequency));
        var left = duration - _time.GetElapsedTime(requested);
        _ended.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
    }

    public void End() => _ended.Cancel();

    public void Dispose() => _ended.Dispose();
}
