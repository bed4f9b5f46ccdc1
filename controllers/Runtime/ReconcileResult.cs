namespace ControlPlane.Controllers;

/// <summary>When to look at an object again.</summary>
public readonly record struct ReconcileResult
{
    /// <summary>When something changes.</summary>
    public static ReconcileResult Done => default;

    /// <summary>At this time at the latest.</summary>
    public DateTimeOffset? At { get; private init; }

    /// <summary>After this time at the latest.</summary>
    public TimeSpan? After { get; private init; }

    /// <summary>Look again at a time, or earlier when something changes.</summary>
    public static ReconcileResult LookAgainAt(DateTimeOffset time) => new() { At = time };

    /// <summary>Look again after a time, or earlier when something changes.</summary>
    public static ReconcileResult LookAgainAfter(TimeSpan delay) => new() { After = delay };

    /// <summary>Look again at a time if there is one.</summary>
    public static ReconcileResult LookAgainAtOrDone(DateTimeOffset? time) => new() { At = time };
}
