using System.Net;
using ControlPlane.Agent.Networking;
using ControlPlane.Agent.Networking.Cni;
using ControlPlane.Agent.Networking.Routes;
using ControlPlane.Agent.Networking.Vips;
using Microsoft.Extensions.Logging.Abstractions;

namespace ControlPlane.Node.Tests.Networking;

/// <summary>
/// Nodes as network namespaces on one bridge in a further namespace ("lan"), with no way out. Everything is gone after it.
/// </summary>
internal sealed class NetworkLab : IAsyncDisposable
{
    public static readonly IPNetwork VipCidr = IPNetwork.Parse("10.91.0.0/16");
    public static readonly IPNetwork ClusterCidr = IPNetwork.Parse("10.92.0.0/16");

    private readonly string _id = "cpt" + Guid.NewGuid().ToString("N")[..6];
    private readonly string _directory = Directory.CreateTempSubdirectory("cp-network-").FullName;
    private readonly List<string> _namespaces = [];
    private readonly List<IAsyncDisposable> _servers = [];
    private int _pods;

    public string Lan => NetworkNamespace.PathOf(_id + "-lan");

    public List<LabNode> Nodes { get; } = [];

    public static async Task<NetworkLab> CreateAsync(int nodes)
    {
        var lab = new NetworkLab();
        try
        {
            await lab.BuildAsync(nodes);
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    public async Task<LabPod> AddPodAsync(LabNode node, params HostPort[] ports)
    {
        var name = $"pod{++_pods}";
        var space = await NamespaceAsync($"{_id}-{name}");
        var attachment = new PodAttachment
        {
            ContainerId = $"{_id}-{name}", PodNamespace = "test", PodName = name, NetworkNamespace = space, HostPorts = ports,
        };
        var result = await node.Cni.AddAsync(attachment, CancellationToken.None);
        _servers.Add(new LabServer(name, space, 8080));
        return new LabPod(name, attachment, result.Addresses[0]);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
            await server.DisposeAsync();
        // Host ports are iptables rules of the node's namespace and go with it.
        foreach (var name in _namespaces)
            await NetworkNamespace.DeleteAsync(name, CancellationToken.None);
        Directory.Delete(_directory, recursive: true);
    }

    private async Task BuildAsync(int nodes)
    {
        var lan = new NamespaceRunner(await NamespaceAsync($"{_id}-lan"));
        await lan.RunAsync("ip", "link", "add", "br0", "type", "bridge");
        await lan.RunAsync("ip", "address", "add", "10.90.0.1/24", "dev", "br0");
        await lan.RunAsync("ip", "link", "set", "br0", "up");
        for (var i = 1; i <= nodes; i++)
        {
            var space = await NamespaceAsync($"{_id}-n{i}");
            await lan.RunAsync("ip", "link", "add", $"n{i}", "type", "veth", "peer", "name", "eth0", "netns", $"{_id}-n{i}");
            await lan.RunAsync("ip", "link", "set", $"n{i}", "master", "br0", "up");
            var node = new NamespaceRunner(space);
            await node.RunAsync("ip", "link", "set", "lo", "up");
            await node.RunAsync("ip", "address", "add", $"10.90.0.1{i}/24", "dev", "eth0");
            await node.RunAsync("ip", "link", "set", "eth0", "up");
            await node.RunAsync("sysctl", "-qw", "net.ipv4.ip_forward=1");
            Nodes.Add(Node(i, space, node));
        }

        foreach (var node in Nodes)
            await node.Routes.ApplyAsync([.. PeersOf(node)], CancellationToken.None);
        await lan.RunAsync("ip", ["route", "add", VipCidr.ToString(), .. Nodes.SelectMany(n => new[] { "nexthop", "via", n.Address.ToString() })]);
    }

    public IEnumerable<PeerRoute> PeersOf(LabNode node) =>
        Nodes.Where(other => other != node).Select(other => new PeerRoute(other.PodCidr, other.Address));

    private LabNode Node(int number, string space, NamespaceRunner runner)
    {
        var address = IPAddress.Parse($"10.90.0.1{number}");
        var podCidr = IPNetwork.Parse($"10.92.{number}.0/24");
        var state = Path.Combine(_directory, $"n{number}");
        var network = CniNetwork.Default(new PodNetworkOptions { PodCidr = podCidr, AllocationDirectory = Path.Combine(state, "ipam") });
        var options = new CniRunnerOptions { StateDirectory = Path.Combine(state, "cni"), AllocationDirectory = Path.Combine(state, "ipam") };
        var vips = new VipTableOptions { VipCidr = VipCidr, ClusterCidr = ClusterCidr, PodCidr = podCidr };
        return new LabNode(space, address, podCidr, runner)
        {
            Allocations = Path.Combine(state, "ipam", network.Name),
            Cni = new CniRunner(network, options, runner, NullLogger<CniRunner>.Instance),
            RestartedCni = () => new CniRunner(network, options, runner, NullLogger<CniRunner>.Instance),
            Vips = new VipTable(vips, runner, NullLogger<VipTable>.Instance),
            RestartedVips = () => new VipTable(vips, runner, NullLogger<VipTable>.Instance),
            Routes = new NodeRoutes(
                new NodeRoutesOptions { NodeAddress = address, VipCidr = VipCidr, ClusterCidr = ClusterCidr },
                runner, NullLogger<NodeRoutes>.Instance),
        };
    }

    private async Task<string> NamespaceAsync(string name)
    {
        await NetworkNamespace.CreateAsync(name, CancellationToken.None);
        _namespaces.Add(name);
        return NetworkNamespace.PathOf(name);
    }
}

internal sealed record LabPod(string Name, PodAttachment Attachment, IPAddress Address)
{
    public string Namespace => Attachment.NetworkNamespace;

    public IPEndPoint Endpoint => new(Address, 8080);
}

internal sealed record LabNode(string Namespace, IPAddress Address, IPNetwork PodCidr, NamespaceRunner Programs)
{
    public required string Allocations { get; init; }

    public required CniRunner Cni { get; init; }

    public required Func<CniRunner> RestartedCni { get; init; }

    public required VipTable Vips { get; init; }

    public required Func<VipTable> RestartedVips { get; init; }

    public required NodeRoutes Routes { get; init; }
}
