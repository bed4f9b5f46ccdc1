using ControlPlane.Api.Meta;
using ControlPlane.Api.Schema;
using ControlPlane.Api.Values;

namespace ControlPlane.Api.Platform.V1;

/// <summary>A virtual IP address that spreads connections over the ready instances of an app, on every node.</summary>
[Resource("controlplane.dev", "v1", "VIP", "vips", Categories = ["all"], HasStatus = true)]
[Column("Address", "string", ".status.address")]
[Column("Ports", "string", ".status.portList")]
[Column("Endpoints", "integer", ".status.readyEndpoints")]
[Column("Age", "date", ".metadata.creationTimestamp")]
[Column("App", "string", ".spec.app", Priority = 1)]
[Column("DNS", "string", ".status.hostname", Priority = 1)]
public sealed record Vip : Resource
{
    /// <summary>What the address leads to.</summary>
    public required VipSpec Spec { get; init; }

    /// <summary>The address and what is behind it. Written by the vips controller.</summary>
    public VipStatus? Status { get; init; }
}

/// <summary>What a virtual address leads to.</summary>
public sealed record VipSpec
{
    /// <summary>Name of the app whose instances are behind the address. Either this or selector.</summary>
    [Length(1, 253)]
    public string? App { get; init; }

    /// <summary>Labels of the pods behind the address. Either this or app.</summary>
    public IReadOnlyDictionary<string, string> Selector { get; init; } = Empty.StringMap;

    /// <summary>Ports of the address, each protocol and port once.</summary>
    [ListMap("port", "protocol"), Items(1, 100)]
    public IReadOnlyList<VipPort> Ports { get; init; } = [];
}

/// <summary>A port of a virtual address.</summary>
public sealed record VipPort
{
    /// <summary>Name, for DNS SRV records.</summary>
    [Pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"), Length(1, 63)]
    public string? Name { get; init; }

    /// <summary>Port of the address.</summary>
    [Minimum(1), Maximum(65535)]
    public required int Port { get; init; }

    /// <summary>Name or number of the instances' port. Unset: the same number.</summary>
    public IntOrString? TargetPort { get; init; }

    /// <summary>TCP or UDP.</summary>
    [Default("\"TCP\""), Allowed("TCP", "UDP")]
    public string? Protocol { get; init; }
}

/// <summary>The observed state of a virtual address.</summary>
public sealed record VipStatus
{
    /// <summary>Generation of the spec this was computed from.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>The address; kept for the VIP's life.</summary>
    public string? Address { get; init; }

    /// <summary>The DNS name that resolves to the address inside the cluster.</summary>
    public string? Hostname { get; init; }

    /// <summary>Ports for people, e.g. 80/TCP.</summary>
    public string? PortList { get; init; }

    /// <summary>How many instances take connections.</summary>
    public int? ReadyEndpoints { get; init; }

    /// <summary>Allocated and Ready, with reasons.</summary>
    [ListMap("type")]
    public IReadOnlyList<Condition> Conditions { get; init; } = [];
}
