using System.Net;

namespace ControlPlane.Agent.Networking.Dns;

public sealed record DnsServerOptions
{
    /// <summary>Addresses to answer at, over UDP and TCP; port 53 for pods.</summary>
    public required IReadOnlyList<IPEndPoint> Listen { get; init; }

    /// <summary>The domain this server alone knows.</summary>
    public string Domain { get; init; } = "cluster.local";

    /// <summary>Ranges whose reverse names this server alone knows; their length is a multiple of 8.</summary>
    public IReadOnlyList<IPNetwork> ReverseRanges { get; init; } = [];

    /// <summary>Where other names are asked for, in order; none means that they are refused.</summary>
    public IReadOnlyList<IPEndPoint> Upstreams { get; init; } = [];
}
