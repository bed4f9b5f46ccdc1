using System.Net;
using System.Net.Sockets;

namespace ControlPlane.Agent.Networking.Vips;

/// <summary>The desired programming, normalized so that two states can be compared.</summary>
internal sealed class VipState
{
    public static VipState Empty { get; } = new();

    /// <summary>The balancing rule of every front that has endpoints.</summary>
    public Dictionary<VipFront, string> Rules { get; } = [];

    /// <summary>Endpoints on this node, which may come back to themselves through a VIP.</summary>
    public HashSet<IPAddress> Local { get; } = [];

    /// <exception cref="NetworkException">Two VIPs claim one port, or one is no IPv4 address of the VIP range.</exception>
    public static VipState From(IReadOnlyCollection<VipService> services, VipTableOptions options)
    {
        var state = new VipState();
        var owners = new Dictionary<VipFront, string>();
        foreach (var service in services)
        {
            if (service.Address.AddressFamily != AddressFamily.InterNetwork || !options.VipCidr.Contains(service.Address))
                throw new NetworkException($"VIP {service.Name}: {service.Address} is not in the VIP range {options.VipCidr}");
            foreach (var port in service.Ports)
            {
                var front = new VipFront(service.Address, port.Protocol, port.Port);
                if (!owners.TryAdd(front, service.Name))
                    throw new NetworkException($"VIP {service.Name}: {front.Element} already belongs to {owners[front]}");
                state.Add(front, port.Endpoints, options);
            }
        }

        return state;
    }

    private void Add(VipFront front, IReadOnlyList<IPEndPoint> endpoints, VipTableOptions options)
    {
        var targets = endpoints.Where(e => e.AddressFamily == AddressFamily.InterNetwork).Distinct()
            .Select(e => $"{e.Address} . {e.Port}").Order(StringComparer.Ordinal).ToList();
        foreach (var endpoint in endpoints)
            if (options.PodCidr.Contains(endpoint.Address))
                Local.Add(endpoint.Address);
        if (targets.Count > 0)
            Rules[front] = Balance(front, targets);
    }

    private static string Balance(VipFront front, List<string> targets)
    {
        var match = $"meta l4proto {front.ProtocolName} dnat ip to";
        return targets.Count == 1
            ? $"{match} {targets[0].Replace(" . ", ":", StringComparison.Ordinal)}"
            : $"{match} numgen random mod {targets.Count} map {{ {string.Join(", ", targets.Select((target, i) => $"{i} : {target}"))} }}";
    }
}
