using System.Text.Json.Serialization;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Schema;

namespace ControlPlane.Api.Core.V1;

/// <summary>The observed state of a pod.</summary>
public sealed record PodStatus
{
    /// <summary>Pending, Running, Succeeded, Failed or Unknown.</summary>
    public string? Phase { get; init; }

    /// <summary>PodScheduled, Initialized, ContainersReady and Ready.</summary>
    [ListMap("type")]
    public IReadOnlyList<PodCondition> Conditions { get; init; } = [];

    /// <summary>A sentence about the state.</summary>
    public string? Message { get; init; }

    /// <summary>One word about the state, e.g. Evicted.</summary>
    public string? Reason { get; init; }

    /// <summary>Address of the node.</summary>
    [JsonPropertyName("hostIP")]
    public string? HostIp { get; init; }

    /// <summary>Addresses of the node.</summary>
    [JsonPropertyName("hostIPs")]
    public IReadOnlyList<IpAddress> HostIps { get; init; } = [];

    /// <summary>Address of the pod.</summary>
    [JsonPropertyName("podIP")]
    public string? PodIp { get; init; }

    /// <summary>Addresses of the pod.</summary>
    [JsonPropertyName("podIPs"), ListMap("ip")]
    public IReadOnlyList<IpAddress> PodIps { get; init; } = [];

    /// <summary>When the agent took the pod on.</summary>
    public DateTimeOffset? StartTime { get; init; }

    /// <summary>Node on which a preemption makes room.</summary>
    public string? NominatedNodeName { get; init; }

    /// <summary>State of each init container.</summary>
    public IReadOnlyList<ContainerStatus> InitContainerStatuses { get; init; } = [];

    /// <summary>State of each container.</summary>
    public IReadOnlyList<ContainerStatus> ContainerStatuses { get; init; } = [];

    /// <summary>Guaranteed, Burstable or BestEffort.</summary>
    public string? QosClass { get; init; }
}

/// <summary>An address.</summary>
public sealed record IpAddress
{
    /// <summary>The address.</summary>
    public required string Ip { get; init; }
}

/// <summary>One aspect of a pod's state.</summary>
public sealed record PodCondition
{
    /// <summary>PodScheduled, Initialized, ContainersReady or Ready.</summary>
    public required string Type { get; init; }

    /// <summary>True, False or Unknown.</summary>
    public required string Status { get; init; }

    /// <summary>When it was last looked at.</summary>
    public DateTimeOffset? LastProbeTime { get; init; }

    /// <summary>When status last changed.</summary>
    public DateTimeOffset? LastTransitionTime { get; init; }

    /// <summary>CamelCase reason.</summary>
    public string? Reason { get; init; }

    /// <summary>A sentence for people.</summary>
    public string? Message { get; init; }
}

/// <summary>State of a container.</summary>
public sealed record ContainerStatus
{
    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>What it is doing now.</summary>
    public ContainerState? State { get; init; }

    /// <summary>How it ended the last time.</summary>
    public ContainerState? LastState { get; init; }

    /// <summary>Whether it is ready.</summary>
    public bool Ready { get; init; }

    /// <summary>How often it was restarted.</summary>
    public int RestartCount { get; init; }

    /// <summary>Image reference.</summary>
    public string? Image { get; init; }

    /// <summary>Image digest.</summary>
    [JsonPropertyName("imageID")]
    public string? ImageId { get; init; }

    /// <summary>Runtime and id.</summary>
    [JsonPropertyName("containerID")]
    public string? ContainerId { get; init; }

    /// <summary>Whether it has passed its startup probe.</summary>
    public bool? Started { get; init; }
}

/// <summary>One of waiting, running and terminated.</summary>
public sealed record ContainerState
{
    /// <summary>Not started, and why.</summary>
    public ContainerStateWaiting? Waiting { get; init; }

    /// <summary>Running since.</summary>
    public ContainerStateRunning? Running { get; init; }

    /// <summary>Ended, and how.</summary>
    public ContainerStateTerminated? Terminated { get; init; }
}

/// <summary>Not started.</summary>
public sealed record ContainerStateWaiting
{
    /// <summary>E.g. ContainerCreating, ImagePullBackOff, CrashLoopBackOff.</summary>
    public string? Reason { get; init; }

    /// <summary>A sentence for people.</summary>
    public string? Message { get; init; }
}

/// <summary>Running.</summary>
public sealed record ContainerStateRunning
{
    /// <summary>Since when.</summary>
    public DateTimeOffset? StartedAt { get; init; }
}

/// <summary>Ended.</summary>
public sealed record ContainerStateTerminated
{
    /// <summary>Exit code; 128 + signal when it was killed.</summary>
    public int ExitCode { get; init; }

    /// <summary>Signal that ended it.</summary>
    public int? Signal { get; init; }

    /// <summary>Completed, Error, OOMKilled, …</summary>
    public string? Reason { get; init; }

    /// <summary>A sentence for people.</summary>
    public string? Message { get; init; }

    /// <summary>When it started.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Runtime and id.</summary>
    [JsonPropertyName("containerID")]
    public string? ContainerId { get; init; }
}
