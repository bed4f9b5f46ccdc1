using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Controllers.Nodes;

namespace ControlPlane.Controllers.Tests.Nodes;

/// <summary>Nodes and pods with what matters set.</summary>
internal static class NodeFactory
{
    public static Node Node(string name, string? ready = "True", string? cidr = null, params Taint[] taints) => new()
    {
        Metadata = new ObjectMeta { Name = name, Uid = "uid-" + name, ResourceVersion = "1" },
        Spec = new NodeSpec { PodCidr = cidr, PodCidrs = cidr is null ? [] : [cidr], Taints = taints },
        Status = new NodeStatus { Conditions = ready is null ? [] : [new NodeCondition { Type = "Ready", Status = ready }] },
    };

    public static NodeObservation Seen(this Node node, double silence = 0, double notReadyFor = 0) =>
        new(node, TimeSpan.FromSeconds(silence), TimeSpan.FromSeconds(notReadyFor));

    public static Pod Pod(string name, string node, params Toleration[] tolerations) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = "ns", Uid = "uid-" + name },
        Spec = new PodSpec { NodeName = node, Tolerations = tolerations },
    };

    public static Taint Unreachable(DateTimeOffset since) => new() { Key = NodeTaints.Unreachable, Effect = NodeTaints.NoExecute, TimeAdded = since };
}
