namespace ControlPlane.Agent.Linux;

/// <summary>What a cgroup may use. Null leaves a resource as it is.</summary>
public sealed record CgroupLimits
{
    /// <summary>Relative weight under contention, 2 to 262144; 1024 is one CPU's worth by convention.</summary>
    public long? CpuShares { get; init; }

    /// <summary>CPU time per period in microseconds; -1 for no limit.</summary>
    public long? CpuQuotaMicroseconds { get; init; }

    /// <summary>The period of the quota in microseconds.</summary>
    public long CpuPeriodMicroseconds { get; init; } = 100_000;

    /// <summary>Memory in bytes; -1 for no limit.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Processes and threads; -1 for no limit.</summary>
    public long? Pids { get; init; }

    /// <summary>CPUs it may run on, e.g. <c>0-1,3</c>.</summary>
    public string? Cpus { get; init; }
}
