using ControlPlane.Agent.Networking.Vips;

namespace ControlPlane.Agent.Networking.Cni;

/// <summary>The pod to connect.</summary>
public sealed record PodAttachment
{
    /// <summary>Unique per sandbox; what addresses are kept under. Letters, digits, '.', '_' and '-'.</summary>
    public required string ContainerId { get; init; }

    public required string PodNamespace { get; init; }

    public required string PodName { get; init; }

    /// <summary><c>/run/netns/NAME</c> or <c>/proc/PID/ns/net</c></summary>
    public required string NetworkNamespace { get; init; }

    public IReadOnlyList<HostPort> HostPorts { get; init; } = [];
}

/// <param name="Port">On the node.</param>
/// <param name="ContainerPort">In the pod.</param>
/// <param name="Protocol">TCP or UDP.</param>
/// <param name="HostAddress">The node's address to listen at; null is all.</param>
public sealed record HostPort(int Port, int ContainerPort, VipProtocol Protocol, string? HostAddress = null);
