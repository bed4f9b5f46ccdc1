using ControlPlane.Api.Meta;
using ControlPlane.Api.Schema;

namespace ControlPlane.Api.Core.V1;

/// <summary>Containers that run together on one node, in one network namespace.</summary>
[Resource("", "v1", "Pod", "pods", ShortNames = ["po"], Categories = ["all"], HasStatus = true)]
[SelectableField("spec.nodeName")]
[SelectableField("spec.restartPolicy")]
[SelectableField("spec.schedulerName")]
[SelectableField("spec.serviceAccountName")]
[SelectableField("spec.hostNetwork", Default = "false")]
[SelectableField("status.phase")]
[SelectableField("status.podIP")]
[SelectableField("status.nominatedNodeName")]
public sealed record Pod : Resource
{
    /// <summary>What should run.</summary>
    public PodSpec? Spec { get; init; }

    /// <summary>What runs. Written by the node's agent.</summary>
    public PodStatus? Status { get; init; }
}
