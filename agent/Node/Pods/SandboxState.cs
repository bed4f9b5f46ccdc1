using System.Text.Json.Serialization;

namespace ControlPlane.Agent.Pods;

/// <summary>What the containers of a pod share: cgroup, volumes, network and shim.</summary>
internal sealed record SandboxState
{
    public SandboxStage Stage { get; init; }

    public string? PodIp { get; init; }

    /// <summary>A set-up or tear-down is in flight.</summary>
    [JsonIgnore]
    public bool Busy { get; init; }

    /// <summary>Why the last set-up or tear-down failed, and when to try again.</summary>
    [JsonIgnore]
    public Hindrance? Hindrance { get; init; }
}

/// <summary>How far a sandbox is.</summary>
internal enum SandboxStage
{
    /// <summary>Nothing of it exists.</summary>
    Absent,

    /// <summary>Parts of it may exist; set-up is idempotent and starts over.</summary>
    Creating,

    Ready,

    /// <summary>Its shim died or the machine was restarted: what is left must be removed before a new one is made.</summary>
    Lost,

    /// <summary>Parts of it may still exist.</summary>
    Removing,
}
