using System.Net;
using ControlPlane.Agent.Networking.Dns;
using ControlPlane.Agent.Networking.Routes;
using ControlPlane.Agent.Networking.Vips;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Discovery.V1;
using ControlPlane.Api.Platform.V1;
using VipPort = ControlPlane.Agent.Networking.Vips.VipPort;

namespace ControlPlane.Agent.Networks;

/// <summary>What the API's objects mean for one node's kernel and name server. Pure.</summary>
internal static class VipProjection
{
    /// <summary>The VIPs to serve. One that claims what an older one has, or an address outside the range, is left out.</summary>
    public static IReadOnlyList<VipService> Services(IEnumerable<Vip> vips, IEnumerable<EndpointSlice> slices, IPNetwork range)
    {
        var byVip = slices.Where(s => s.Metadata.Labels.ContainsKey(WellKnownLabels.Vip))
            .ToLookup(s => (s.Metadata.Namespace, s.Metadata.Labels[WellKnownLabels.Vip]));
        var taken = new HashSet<(IPAddress, VipProtocol, int)>();
        var services = new List<VipService>();
        foreach (var vip in vips.OrderBy(v => v.Metadata.CreationTimestamp).ThenBy(v => v.Metadata.Uid, StringComparer.Ordinal))
        {
            if (!IPAddress.TryParse(vip.Status?.Address, out var address) || !range.Contains(address))
                continue;
            var own = byVip[(vip.Metadata.Namespace, vip.Metadata.Name ?? "")].ToList();
            services.Add(new VipService
            {
                Name = $"{vip.Metadata.Namespace}/{vip.Metadata.Name}",
                Address = address,
                Ports = [.. vip.Spec.Ports.Where(p => taken.Add((address, Protocol(p.Protocol), p.Port))).Select(p => Port(p, own))],
            });
        }

        return services;
    }

    /// <summary>Routes to the pods of the other nodes.</summary>
    public static IReadOnlyList<PeerRoute> Peers(IEnumerable<Node> nodes, string ownName, string ownIp)
    {
        var routes = new List<PeerRoute>();
        foreach (var node in nodes.Where(n => n.Metadata.Name != ownName))
        {
            var text = node.Status?.Addresses.FirstOrDefault(a => a.Type == "InternalIP")?.Address;
            if (text != ownIp && IPAddress.TryParse(text, out var gateway) && IPNetwork.TryParse(node.Spec?.PodCidr ?? "", out var pods))
                routes.Add(new PeerRoute(pods, gateway));
        }

        return routes;
    }

    /// <summary>The VIPs' names.</summary>
    public static IReadOnlyList<DnsVip> Names(IEnumerable<Vip> vips)
    {
        var names = new List<DnsVip>();
        foreach (var vip in vips)
        {
            if (IPAddress.TryParse(vip.Status?.Address, out var address))
                names.Add(new DnsVip(vip.Metadata.Name ?? "", vip.Metadata.Namespace ?? "", [address], [.. vip.Spec.Ports.Select(Name)]));
        }

        return names;
    }

    private static DnsVipPort Name(Api.Platform.V1.VipPort port) => new(port.Name ?? "", Protocol(port.Protocol), port.Port);

    private static VipPort Port(Api.Platform.V1.VipPort port, List<EndpointSlice> slices) => new()
    {
        Port = port.Port,
        Protocol = Protocol(port.Protocol),
        Endpoints = [.. slices.SelectMany(slice => Endpoints(slice, port)).Distinct()],
    };

    private static IEnumerable<IPEndPoint> Endpoints(EndpointSlice slice, Api.Platform.V1.VipPort port)
    {
        // Ports correspond by name; a VIP's only port need not have one.
        var target = slice.Ports.FirstOrDefault(p => (p.Name ?? "") == (port.Name ?? "") && Protocol(p.Protocol) == Protocol(port.Protocol));
        if (target?.Port is not { } number)
            yield break;
        foreach (var endpoint in slice.Endpoints.Where(e => e.Conditions?.Ready != false))
        {
            if (endpoint.Addresses.Count > 0 && IPAddress.TryParse(endpoint.Addresses[0], out var address))
                yield return new IPEndPoint(address, number);
        }
    }

    private static VipProtocol Protocol(string? name) => name == "UDP" ? VipProtocol.Udp : VipProtocol.Tcp;
}
