using ControlPlane.Api.Meta;
using ControlPlane.Api.Schema;

namespace ControlPlane.Api.Platform.V1;

/// <summary>Apps that belong together and are started, upgraded and stopped in the order of their dependencies.</summary>
[Resource("controlplane.dev", "v1", "Group", "groups", Categories = ["all"], HasStatus = true)]
[Column("Ready", "string", ".status.readyOfTotal")]
[Column("Status", "string", ".status.phase")]
[Column("Age", "date", ".metadata.creationTimestamp")]
[Column("Parent", "string", ".spec.parent", Priority = 1)]
[Column("Message", "string", ".status.message", Priority = 1)]
public sealed record Group : Resource
{
    /// <summary>What belongs to the group.</summary>
    public required GroupSpec Spec { get; init; }

    /// <summary>The state of its apps and subgroups. Written by the groups controller.</summary>
    public GroupStatus? Status { get; init; }
}

/// <summary>The content of a group.</summary>
public sealed record GroupSpec
{
    /// <summary>The group this one is a part of; it is stopped and removed with it.</summary>
    [Length(1, 253)]
    public string? Parent { get; init; }

    /// <summary>Groups of the same namespace that must be ready before any app of this one is started or upgraded.</summary>
    [ListSet, Items(0, 100)]
    public IReadOnlyList<string> Dependencies { get; init; } = [];

    /// <summary>The group's apps. Each becomes an App named GROUP-NAME.</summary>
    [ListMap("name"), Items(0, 500)]
    public IReadOnlyList<GroupApp> Apps { get; init; } = [];
}

/// <summary>An app of a group; its dependencies name other apps of the group.</summary>
public sealed record GroupApp : AppTemplate
{
    /// <summary>How many instances to run. Unset: the group leaves the number alone, one at first, then as scaled.</summary>
    [Minimum(0), Maximum(100000)]
    public int? Instances { get; init; }

    /// <summary>Name within the group, a DNS label.</summary>
    [Pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"), Length(1, 63)]
    public required string Name { get; init; }
}

/// <summary>The observed state of a group.</summary>
public sealed record GroupStatus
{
    /// <summary>Generation of the spec this was computed from.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>Running, Deploying, Waiting, Degraded or Stopping.</summary>
    public string? Phase { get; init; }

    /// <summary>The sentence behind the phase.</summary>
    public string? Message { get; init; }

    /// <summary>Ready and all apps, e.g. 2/3.</summary>
    public string? ReadyOfTotal { get; init; }

    /// <summary>Each app's state, in order of dependency.</summary>
    [ListMap("name")]
    public IReadOnlyList<GroupAppStatus> Apps { get; init; } = [];

    /// <summary>Ready and Progressing, with reasons.</summary>
    [ListMap("type")]
    public IReadOnlyList<Condition> Conditions { get; init; } = [];
}

/// <summary>The state of one app of a group.</summary>
public sealed record GroupAppStatus
{
    /// <summary>Name within the group.</summary>
    public required string Name { get; init; }

    /// <summary>Whether the app is available at its newest revision.</summary>
    public bool? Ready { get; init; }

    /// <summary>The app's phase.</summary>
    public string? Phase { get; init; }
}
