using System.Net;
using ControlPlane.Agent.Networking.Vips;

namespace ControlPlane.Agent.Networking.Dns;

/// <summary>Answers as <c>NAME.NAMESPACE.vip.DOMAIN</c>, and per port as <c>_PORT._PROTOCOL.NAME.NAMESPACE.vip.DOMAIN</c> (SRV).</summary>
/// <param name="Addresses">The VIP's address, or those of all ready pods where there is none.</param>
public sealed record DnsVip(string Name, string Namespace, IReadOnlyList<IPAddress> Addresses, IReadOnlyList<DnsVipPort> Ports);

public sealed record DnsVipPort(string Name, VipProtocol Protocol, int Port);

/// <summary>Answers as <c>NAME.NAMESPACE.pod.DOMAIN</c>.</summary>
public sealed record DnsPod(string Name, string Namespace, IPAddress Address);
