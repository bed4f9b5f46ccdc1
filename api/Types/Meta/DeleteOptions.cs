namespace ControlPlane.Api.Meta;

/// <summary>How to delete.</summary>
public sealed record DeleteOptions
{
    /// <summary>API version.</summary>
    public string ApiVersion { get; init; } = "v1";

    /// <summary>Always DeleteOptions.</summary>
    public string Kind { get; init; } = "DeleteOptions";

    /// <summary>Seconds for a graceful end; 0 = at once.</summary>
    public long? GracePeriodSeconds { get; init; }

    /// <summary>Delete only this very object.</summary>
    public Preconditions? Preconditions { get; init; }

    /// <summary>Orphan, Background or Foreground: what becomes of dependents.</summary>
    public string? PropagationPolicy { get; init; }

    /// <summary><c>All</c> = go through every step but store nothing.</summary>
    public IReadOnlyList<string> DryRun { get; init; } = [];
}

/// <summary>What must be true of the object.</summary>
public sealed record Preconditions
{
    /// <summary>It has this UID.</summary>
    public string? Uid { get; init; }

    /// <summary>It has this resourceVersion.</summary>
    public string? ResourceVersion { get; init; }
}
