using ControlPlane.Api.Client;

namespace ControlPlane.Controllers.Nodes;

/// <summary>Patience with nodes, and the addresses of pods.</summary>
internal sealed record NodesOptions
{
    /// <summary>A node whose agent was not heard of for so long is lost. Agents renew every 3 s.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(12);

    /// <summary>Pods leave a node whose agent has said "not ready" for so long.</summary>
    public TimeSpan NotReadyGrace { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Share of nodes above which losing them is taken for trouble of ours, not theirs: nothing is evicted.</summary>
    public double BreakerShare { get; init; } = 0.55;

    /// <summary>Addresses of all pods.</summary>
    public Ipv4Network ClusterCidr { get; init; } = Ipv4Network.Parse("10.244.0.0/16");

    /// <summary>Prefix length of each node's part.</summary>
    public int NodeCidrMask { get; init; } = 24;

    public static NodesOptions From(ControllerHostBuilder builder)
    {
        var defaults = new NodesOptions();
        var cidr = builder.Setting("cluster-cidr", defaults.ClusterCidr.ToString(), "Addresses of all pods; each node gets a part.");
        var options = defaults with
        {
            Grace = builder.Setting("node-grace", defaults.Grace, "A node whose agent was not heard of for so long is lost."),
            NotReadyGrace = builder.Setting("node-not-ready-grace", defaults.NotReadyGrace, "Pods leave a node that has been not ready for so long."),
            BreakerShare = builder.Setting("node-breaker-share", defaults.BreakerShare, "When more than this share of the nodes looks lost, nothing is evicted."),
            ClusterCidr = Ipv4Network.TryParse(cidr, out var network) ? network : throw new ClientConfigException($"--cluster-cidr={cidr} is no IPv4 network."),
            NodeCidrMask = builder.Setting("node-cidr-mask", defaults.NodeCidrMask, "Prefix length of each node's part."),
        };
        if (options.NodeCidrMask <= options.ClusterCidr.PrefixLength || options.NodeCidrMask > 30)
            throw new ClientConfigException($"--node-cidr-mask={options.NodeCidrMask} must be longer than the cluster's /{options.ClusterCidr.PrefixLength} and at most 30.");
        return options;
    }
}
