using ControlPlane.Api.Meta;

namespace ControlPlane.Api.Core.V1;

/// <summary>Puts a pod on a node: posted to the pod's binding subresource.</summary>
public sealed record Binding : Resource
{
    /// <summary>The node.</summary>
    public required ObjectReference Target { get; init; }
}
