using ControlPlane.Api.Meta;
using ControlPlane.Api.Schema;

namespace ControlPlane.Api.Rbac.V1;

/// <summary>What may be done in one namespace.</summary>
[Resource("rbac.authorization.k8s.io", "v1", "Role", "roles")]
[Column("Created At", "string", ".metadata.creationTimestamp")]
public sealed record Role : Resource
{
    /// <summary>Each allows something; nothing else is allowed.</summary>
    public IReadOnlyList<PolicyRule> Rules { get; init; } = [];
}

/// <summary>What may be done in all namespaces and at cluster scope.</summary>
[Resource("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", Scope = ResourceScope.Cluster)]
[Column("Created At", "string", ".metadata.creationTimestamp")]
public sealed record ClusterRole : Resource
{
    /// <summary>Each allows something; nothing else is allowed.</summary>
    public IReadOnlyList<PolicyRule> Rules { get; init; } = [];
}

/// <summary>Allows verbs on resources or on paths.</summary>
public sealed record PolicyRule
{
    /// <summary>Verbs; * = all.</summary>
    public IReadOnlyList<string> Verbs { get; init; } = [];

    /// <summary>API groups; "" = core, * = all.</summary>
    public IReadOnlyList<string> ApiGroups { get; init; } = [];

    /// <summary>Resources and subresources, e.g. pods/log, */scale; * = all.</summary>
    public IReadOnlyList<string> Resources { get; init; } = [];

    /// <summary>Only these names; empty = all.</summary>
    public IReadOnlyList<string> ResourceNames { get; init; } = [];

    /// <summary>Paths outside the resources, e.g. /healthz, /metrics/*.</summary>
    [System.Text.Json.Serialization.JsonPropertyName("nonResourceURLs")]
    public IReadOnlyList<string> NonResourceUrls { get; init; } = [];
}
