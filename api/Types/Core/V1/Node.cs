using System.Text.Json.Serialization;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Schema;
using ControlPlane.Api.Values;

namespace ControlPlane.Api.Core.V1;

/// <summary>A machine that runs pods.</summary>
[Resource("", "v1", "Node", "nodes", Scope = ResourceScope.Cluster, ShortNames = ["no"], HasStatus = true)]
[SelectableField("spec.unschedulable", Default = "false")]
public sealed record Node : Resource
{
    /// <summary>What operators and controllers decide about the node.</summary>
    public NodeSpec? Spec { get; init; }

    /// <summary>What the node's agent reports.</summary>
    public NodeStatus? Status { get; init; }
}

/// <summary>Decisions about a node.</summary>
public sealed record NodeSpec
{
    /// <summary>Addresses of the node's pods, CIDR; set by the nodes controller.</summary>
    [JsonPropertyName("podCIDR"), Pattern(@"^[0-9.]+/[0-9]+$")]
    public string? PodCidr { get; init; }

    /// <summary>All ranges of the node's pods.</summary>
    [JsonPropertyName("podCIDRs"), ListSet]
    public IReadOnlyList<string> PodCidrs { get; init; } = [];

    /// <summary>Identifies the machine to its provider.</summary>
    [JsonPropertyName("providerID")]
    public string? ProviderId { get; init; }

    /// <summary>Whether new pods stay away (cordon).</summary>
    public bool? Unschedulable { get; init; }

    /// <summary>Keep pods away that do not tolerate them.</summary>
    [PatchMerge("key")]
    public IReadOnlyList<Taint> Taints { get; init; } = [];
}

/// <summary>Keeps pods away that do not tolerate it.</summary>
public sealed record Taint
{
    /// <summary>Key.</summary>
    public required string Key { get; init; }

    /// <summary>Value.</summary>
    public string? Value { get; init; }

    /// <summary>NoSchedule, PreferNoSchedule or NoExecute.</summary>
    [Allowed("NoSchedule", "PreferNoSchedule", "NoExecute")]
    public required string Effect { get; init; }

    /// <summary>When it was added.</summary>
    public DateTimeOffset? TimeAdded { get; init; }
}

/// <summary>What a node's agent reports.</summary>
public sealed record NodeStatus
{
    /// <summary>All resources.</summary>
    public IReadOnlyDictionary<string, Quantity> Capacity { get; init; } = Empty.Map<Quantity>();

    /// <summary>Resources for pods.</summary>
    public IReadOnlyDictionary<string, Quantity> Allocatable { get; init; } = Empty.Map<Quantity>();

    /// <summary>Ready and pressure conditions.</summary>
    [ListMap("type")]
    public IReadOnlyList<NodeCondition> Conditions { get; init; } = [];

    /// <summary>Addresses and names.</summary>
    [PatchMerge("type")]
    public IReadOnlyList<NodeAddress> Addresses { get; init; } = [];

    /// <summary>Where the agent listens.</summary>
    public NodeDaemonEndpoints? DaemonEndpoints { get; init; }

    /// <summary>Versions and identity of the machine.</summary>
    public NodeSystemInfo? NodeInfo { get; init; }

    /// <summary>Images that the node holds.</summary>
    public IReadOnlyList<ContainerImage> Images { get; init; } = [];
}

/// <summary>One aspect of a node's state.</summary>
public sealed record NodeCondition
{
    /// <summary>Ready, MemoryPressure, DiskPressure, PIDPressure or NetworkUnavailable.</summary>
    public required string Type { get; init; }

    /// <summary>True, False or Unknown.</summary>
    public required string Status { get; init; }

    /// <summary>When the agent last said so.</summary>
    public DateTimeOffset? LastHeartbeatTime { get; init; }

    /// <summary>When status last changed.</summary>
    public DateTimeOffset? LastTransitionTime { get; init; }

    /// <summary>CamelCase reason.</summary>
    public string? Reason { get; init; }

    /// <summary>A sentence for people.</summary>
    public string? Message { get; init; }
}

/// <summary>A node's address.</summary>
public sealed record NodeAddress
{
    /// <summary>InternalIP, ExternalIP or Hostname.</summary>
    public required string Type { get; init; }

    /// <summary>The address.</summary>
    public required string Address { get; init; }
}

/// <summary>Where an agent listens.</summary>
public sealed record NodeDaemonEndpoints
{
    /// <summary>The endpoint for logs and streams.</summary>
    public DaemonEndpoint? KubeletEndpoint { get; init; }
}

/// <summary>A port of a daemon.</summary>
public sealed record DaemonEndpoint
{
    /// <summary>Port.</summary>
    [JsonPropertyName("Port")]
    public required int Port { get; init; }
}

/// <summary>Versions and identity of a machine.</summary>
public sealed record NodeSystemInfo
{
    /// <summary>Machine id.</summary>
    [JsonPropertyName("machineID")]
    public string? MachineId { get; init; }

    /// <summary>Hardware UUID.</summary>
    [JsonPropertyName("systemUUID")]
    public string? SystemUuid { get; init; }

    /// <summary>Boot id; changes when the machine restarts.</summary>
    [JsonPropertyName("bootID")]
    public string? BootId { get; init; }

    /// <summary>Kernel release.</summary>
    public string? KernelVersion { get; init; }

    /// <summary>Name of the operating system's image.</summary>
    public string? OsImage { get; init; }

    /// <summary>Runtime and version, e.g. runc://1.1.5.</summary>
    public string? ContainerRuntimeVersion { get; init; }

    /// <summary>Version of the agent.</summary>
    public string? KubeletVersion { get; init; }

    /// <summary>Version of the VIP programming; the agent's.</summary>
    public string? KubeProxyVersion { get; init; }

    /// <summary>linux.</summary>
    public string? OperatingSystem { get; init; }

    /// <summary>amd64 or arm64.</summary>
    public string? Architecture { get; init; }
}

/// <summary>An image that a node holds.</summary>
public sealed record ContainerImage
{
    /// <summary>References by tag and digest.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Size in bytes.</summary>
    public long? SizeBytes { get; init; }
}
