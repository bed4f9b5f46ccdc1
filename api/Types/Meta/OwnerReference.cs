using ControlPlane.Api.Schema;

namespace ControlPlane.Api.Meta;

/// <summary>An owner of an object, in the same namespace or cluster-scoped.</summary>
[Atomic]
public sealed record OwnerReference
{
    /// <summary>API version of the owner.</summary>
    public required string ApiVersion { get; init; }

    /// <summary>Kind of the owner.</summary>
    public required string Kind { get; init; }

    /// <summary>Name of the owner.</summary>
    public required string Name { get; init; }

    /// <summary>UID of the owner.</summary>
    public required string Uid { get; init; }

    /// <summary>Whether the owner manages the object; at most one does.</summary>
    public bool? Controller { get; init; }

    /// <summary>Whether a foreground deletion of the owner waits for this object.</summary>
    public bool? BlockOwnerDeletion { get; init; }
}
