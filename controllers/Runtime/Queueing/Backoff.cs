namespace ControlPlane.Controllers.Queueing;

/// <summary>Delays that double up to a cap, each with up to a quarter of jitter so that failures do not march in step.</summary>
/// <param name="First">Delay after the first failure.</param>
/// <param name="Cap">Longest delay, before jitter.</param>
public sealed record Backoff(TimeSpan First, TimeSpan Cap)
{
    /// <summary>For reconcilers.</summary>
    public static Backoff Reconcile { get; } = new(TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(30));

    /// <summary>For a server that is away: back soon after it is.</summary>
    public static Backoff Reconnect { get; } = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1.5));

    /// <summary>Source of jitter, in [0, 1).</summary>
    public Func<double> Random { get; init; } = System.Random.Shared.NextDouble;

    /// <summary>The delay after a number of failures in a row.</summary>
    public TimeSpan After(int failures)
    {
        var doubled = First.TotalSeconds * Math.Pow(2, Math.Clamp(failures - 1, 0, 60));
        return TimeSpan.FromSeconds(Math.Min(doubled, Cap.TotalSeconds) * (1 + 0.25 * Random()));
    }
}
