using ControlPlane.Api.Meta;
using ControlPlane.Api.Schema;
using ControlPlane.Api.Values;

namespace ControlPlane.Api.Coordination.V1;

/// <summary>A claim that has to be renewed: leader election and node heartbeats.</summary>
[Resource("coordination.k8s.io", "v1", "Lease", "leases")]
[Column("Holder", "string", ".spec.holderIdentity")]
[Column("Age", "date", ".metadata.creationTimestamp")]
public sealed record Lease : Resource
{
    /// <summary>Who holds it, until when.</summary>
    public LeaseSpec? Spec { get; init; }
}

/// <summary>Who holds a lease, until when.</summary>
public sealed record LeaseSpec
{
    /// <summary>Who holds it; empty = nobody.</summary>
    public string? HolderIdentity { get; init; }

    /// <summary>Seconds after renewTime at which others may take it.</summary>
    [Minimum(1)]
    public int? LeaseDurationSeconds { get; init; }

    /// <summary>When the holder took it.</summary>
    public MicroTime? AcquireTime { get; init; }

    /// <summary>When the holder last renewed it.</summary>
    public MicroTime? RenewTime { get; init; }

    /// <summary>How often the holder changed.</summary>
    [Minimum(0)]
    public int? LeaseTransitions { get; init; }
}
