using ControlPlane.Api.Meta;
using ControlPlane.Api.Schema;

namespace ControlPlane.Api.Core.V1;

/// <summary>A scope for names; deleting it deletes everything in it.</summary>
[Resource("", "v1", "Namespace", "namespaces", Scope = ResourceScope.Cluster, ShortNames = ["ns"], HasStatus = true)]
[Column("Status", "string", ".status.phase")]
[Column("Age", "date", ".metadata.creationTimestamp")]
[SelectableField("status.phase")]
public sealed record Namespace : Resource
{
    /// <summary>What keeps the namespace alive.</summary>
    public NamespaceSpec? Spec { get; init; }

    /// <summary>Active, or Terminating and what is left.</summary>
    public NamespaceStatus? Status { get; init; }
}

/// <summary>What keeps a namespace alive.</summary>
public sealed record NamespaceSpec
{
    /// <summary>Must be empty before the namespace is removed; <c>kubernetes</c> stands for its content.</summary>
    public IReadOnlyList<string> Finalizers { get; init; } = [];
}

/// <summary>State of a namespace.</summary>
public sealed record NamespaceStatus
{
    /// <summary>Active or Terminating.</summary>
    public string? Phase { get; init; }

    /// <summary>What a termination still waits for.</summary>
    [ListMap("type")]
    public IReadOnlyList<Condition> Conditions { get; init; } = [];
}
