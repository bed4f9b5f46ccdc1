using ControlPlane.Api.Meta;
using ControlPlane.Api.Schema;

namespace ControlPlane.Api.Platform.V1;

/// <summary>The observed state of an app.</summary>
public sealed record AppStatus
{
    /// <summary>Generation of the spec this was computed from.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>One word for people: Running, Deploying, Waiting, Degraded, Suspended or Stopping.</summary>
    public string? Phase { get; init; }

    /// <summary>The sentence behind the phase.</summary>
    public string? Message { get; init; }

    /// <summary>Ready and desired instances, e.g. 2/3.</summary>
    public string? ReadyOfDesired { get; init; }

    /// <summary>Pods that exist and are not ending.</summary>
    public int? Instances { get; init; }

    /// <summary>Instances of the newest revision.</summary>
    public int? UpdatedInstances { get; init; }

    /// <summary>Instances whose process runs.</summary>
    public int? RunningInstances { get; init; }

    /// <summary>Instances that are ready.</summary>
    public int? ReadyInstances { get; init; }

    /// <summary>Selector of the app's pods, as text.</summary>
    public string? Selector { get; init; }

    /// <summary>Name of the newest revision.</summary>
    public string? CurrentRevision { get; init; }

    /// <summary>Available, Progressing and Ready, with reasons.</summary>
    [ListMap("type")]
    public IReadOnlyList<Condition> Conditions { get; init; } = [];
}
