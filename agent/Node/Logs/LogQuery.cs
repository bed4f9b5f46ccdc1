namespace ControlPlane.Agent.Logs;

/// <summary>Which part of a container's log is wanted, and how.</summary>
internal sealed record LogQuery
{
    /// <summary>Go on as the log grows, until the container has ended.</summary>
    public bool Follow { get; init; }

    /// <summary>The log of the run before the present one.</summary>
    public bool Previous { get; init; }

    /// <summary>Begin each line with the time it was written.</summary>
    public bool Timestamps { get; init; }

    /// <summary>Only so many lines from the end; null = all.</summary>
    public long? TailLines { get; init; }

    /// <summary>Only lines written at this time or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>At most so many bytes.</summary>
    public long? LimitBytes { get; init; }
}
