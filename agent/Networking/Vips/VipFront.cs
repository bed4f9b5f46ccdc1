using System.Net;

namespace ControlPlane.Agent.Networking.Vips;

/// <summary>What a connection is made to: the key of the dispatch map, and the name of its chain.</summary>
internal readonly record struct VipFront(IPAddress Address, VipProtocol Protocol, int Port)
{
    public string ProtocolName => Protocol == VipProtocol.Tcp ? "tcp" : "udp";

    public string Chain => $"vip-{Address}-{ProtocolName}-{Port}";

    public string Element => $"{Address} . {ProtocolName} . {Port}";
}
