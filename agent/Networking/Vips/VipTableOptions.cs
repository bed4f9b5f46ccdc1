using System.Net;

namespace ControlPlane.Agent.Networking.Vips;

public sealed record VipTableOptions
{
    /// <summary>The nftables table, of this node's own: several nodes on one machine have different ones.</summary>
    public string Table { get; init; } = "controlplane";

    public required IPNetwork VipCidr { get; init; }

    /// <summary>All pods' addresses.</summary>
    public required IPNetwork ClusterCidr { get; init; }

    /// <summary>This node's pods' addresses.</summary>
    public required IPNetwork PodCidr { get; init; }

    /// <summary>Gives pods the node's address for destinations outside the cluster.</summary>
    public bool MasqueradeEgress { get; init; } = true;

    /// <summary>
    /// Whether traffic between two pods on one bridge passes the packet filter (br_netfilter). Without it, an answer
    /// would go straight back under the pod's own address; such connections then get the node's address as source.
    /// </summary>
    public bool BridgeIsFiltered { get; init; } = true;
}
