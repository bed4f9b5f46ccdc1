using ControlPlane.Api.Meta;
using ControlPlane.Api.Schema;

namespace ControlPlane.Api.Rbac.V1;

/// <summary>Gives a role to subjects in one namespace.</summary>
[Resource("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings")]
[Column("Role", "string", ".roleRef.name")]
[Column("Age", "date", ".metadata.creationTimestamp")]
public sealed record RoleBinding : Resource
{
    /// <summary>Who gets it.</summary>
    public IReadOnlyList<Subject> Subjects { get; init; } = [];

    /// <summary>The Role or ClusterRole.</summary>
    [ImmutableField]
    public required RoleRef RoleRef { get; init; }
}

/// <summary>Gives a cluster role to subjects everywhere.</summary>
[Resource("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", Scope = ResourceScope.Cluster)]
[Column("Role", "string", ".roleRef.name")]
[Column("Age", "date", ".metadata.creationTimestamp")]
public sealed record ClusterRoleBinding : Resource
{
    /// <summary>Who gets it.</summary>
    public IReadOnlyList<Subject> Subjects { get; init; } = [];

    /// <summary>The ClusterRole.</summary>
    [ImmutableField]
    public required RoleRef RoleRef { get; init; }
}

/// <summary>A role.</summary>
[Atomic]
public sealed record RoleRef
{
    /// <summary>rbac.authorization.k8s.io.</summary>
    public required string ApiGroup { get; init; }

    /// <summary>Role or ClusterRole.</summary>
    [Allowed("Role", "ClusterRole")]
    public required string Kind { get; init; }

    /// <summary>Name.</summary>
    public required string Name { get; init; }
}

/// <summary>A user, group or service account.</summary>
[Atomic]
public sealed record Subject
{
    /// <summary>User, Group or ServiceAccount.</summary>
    [Allowed("User", "Group", "ServiceAccount")]
    public required string Kind { get; init; }

    /// <summary>rbac.authorization.k8s.io for users and groups, empty for service accounts.</summary>
    public string? ApiGroup { get; init; }

    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Namespace of a service account.</summary>
    public string? Namespace { get; init; }
}
