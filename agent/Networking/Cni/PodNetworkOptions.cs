using System.Net;

namespace ControlPlane.Agent.Networking.Cni;

/// <summary>The network a node makes when it is given no CNI configuration.</summary>
public sealed record PodNetworkOptions
{
    public string Name { get; init; } = "controlplane";

    /// <summary>An interface name: at most 15 characters.</summary>
    public string Bridge { get; init; } = "cp-pods";

    /// <summary>This node's pods' addresses; the first is the bridge's.</summary>
    public required IPNetwork PodCidr { get; init; }

    /// <summary>0 leaves the kernel's default.</summary>
    public int Mtu { get; init; }

    /// <summary>Where host-local writes down which pod has which address.</summary>
    public required string AllocationDirectory { get; init; }
}
