using ControlPlane.Api.Meta;
using ControlPlane.Api.Schema;

namespace ControlPlane.Api.Platform.V1;

/// <summary>A long-running service: how many instances of which image run, with what, and how they are replaced.</summary>
[Resource("controlplane.dev", "v1", "App", "apps", Categories = ["all"], HasStatus = true,
    ScaleSpecPath = ".spec.instances", ScaleStatusPath = ".status.instances", ScaleSelectorPath = ".status.selector")]
[Column("Ready", "string", ".status.readyOfDesired")]
[Column("Up-To-Date", "integer", ".status.updatedInstances")]
[Column("Status", "string", ".status.phase")]
[Column("Age", "date", ".metadata.creationTimestamp")]
[Column("Image", "string", ".spec.image", Priority = 1)]
[Column("CPUs", "number", ".spec.cpus", Priority = 1)]
[Column("Mem", "integer", ".spec.mem", Priority = 1)]
[Column("Revision", "string", ".status.currentRevision", Priority = 1)]
[Column("Message", "string", ".status.message", Priority = 1)]
public sealed record App : Resource
{
    /// <summary>What should run.</summary>
    public required AppSpec Spec { get; init; }

    /// <summary>What runs. Written by the apps controller.</summary>
    public AppStatus? Status { get; init; }
}
