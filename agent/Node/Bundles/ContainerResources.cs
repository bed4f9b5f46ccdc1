namespace ControlPlane.Agent.Bundles;

/// <summary>What a container may use. Null means no limit of its own; the pod's cgroup may have one.</summary>
internal sealed record ContainerResources
{
    /// <summary>Relative CPU weight, 2 to 262144; 1024 is one CPU's worth.</summary>
    public long? CpuShares { get; init; }

    /// <summary>CPU time per period in microseconds.</summary>
    public long? CpuQuotaMicroseconds { get; init; }

    /// <summary>The period in microseconds.</summary>
    public long CpuPeriodMicroseconds { get; init; } = 100_000;

    /// <summary>CPUs it may run on, e.g. <c>0-1</c>.</summary>
    public string? Cpus { get; init; }

    /// <summary>Memory in bytes. There is never swap on top of it.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Processes and threads.</summary>
    public long? Pids { get; init; }
}
