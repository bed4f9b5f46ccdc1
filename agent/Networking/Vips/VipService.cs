using System.Net;

namespace ControlPlane.Agent.Networking.Vips;

/// <summary>One VIP as a node programs it.</summary>
public sealed record VipService
{
    /// <summary><c>namespace/name</c>, for messages.</summary>
    public required string Name { get; init; }

    public required IPAddress Address { get; init; }

    public required IReadOnlyList<VipPort> Ports { get; init; }
}

/// <summary>A port of a VIP and the ready endpoints behind it; without any, connections are refused.</summary>
public sealed record VipPort
{
    public required int Port { get; init; }

    public VipProtocol Protocol { get; init; } = VipProtocol.Tcp;

    public required IReadOnlyList<IPEndPoint> Endpoints { get; init; }
}

public enum VipProtocol
{
    Tcp,
    Udp,
}
