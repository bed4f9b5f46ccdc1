using System.Net;

namespace ControlPlane.Agent.Networking.Routes;

public sealed record NodeRoutesOptions
{
    public required IPAddress NodeAddress { get; init; }

    public required IPNetwork VipCidr { get; init; }

    public required IPNetwork ClusterCidr { get; init; }
}

/// <summary>Another node's pods and the address they are reached through, which must share a link with this node.</summary>
public sealed record PeerRoute(IPNetwork PodCidr, IPAddress Gateway);
