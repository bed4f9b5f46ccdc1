namespace ControlPlane.Agent.Linux;

/// <summary>What a cgroup and everything below it use.</summary>
public sealed record CgroupUsage
{
    /// <summary>CPU time so far in nanoseconds.</summary>
    public long CpuNanoseconds { get; init; }

    /// <summary>Memory in bytes, page cache included.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>Memory the kernel could not take back easily, in bytes: usage without inactive file pages. What Kubernetes compares to limits.</summary>
    public long WorkingSetBytes { get; init; }

    /// <summary>Anonymous memory in bytes.</summary>
    public long RssBytes { get; init; }

    /// <summary>Processes and threads.</summary>
    public long Pids { get; init; }
}
