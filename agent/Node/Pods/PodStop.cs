namespace ControlPlane.Agent.Pods;

/// <summary>The decision to end a pod.</summary>
internal sealed record PodStop
{
    /// <summary>Null for an ordinary deletion; otherwise the reason in the pod's status, e.g. DeadlineExceeded.</summary>
    public string? Reason { get; init; }

    public string? Message { get; init; }

    /// <summary>When SIGTERM has had its chance.</summary>
    public required DateTimeOffset Deadline { get; init; }
}
