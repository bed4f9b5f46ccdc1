using ControlPlane.Api.Core.V1;

namespace ControlPlane.Controllers.Scheduling;

/// <summary>
/// Nodes and what is taken on them, as flat arrays indexed by node. A cycle makes one, and takes from it what it hands out, so that no two
/// pods of a batch get the same room.
/// </summary>
internal sealed class ClusterSnapshot
{
    private const long DefaultPods = 110;
    private readonly Dictionary<InstanceGroup, List<int>> _instances = [];
    private readonly HashSet<int>?[] _ports;

    private ClusterSnapshot(Node[] nodes)
    {
        Nodes = nodes;
        CpuFree = new long[nodes.Length];
        MemoryFree = new long[nodes.Length];
        PodsFree = new long[nodes.Length];
        CpuTotal = new long[nodes.Length];
        MemoryTotal = new long[nodes.Length];
        _ports = new HashSet<int>?[nodes.Length];
    }

    /// <summary>The nodes, by name.</summary>
    public Node[] Nodes { get; }

    /// <summary>Millicores that are left.</summary>
    public long[] CpuFree { get; }

    /// <summary>Bytes that are left.</summary>
    public long[] MemoryFree { get; }

    /// <summary>Pods that still fit.</summary>
    public long[] PodsFree { get; }

    /// <summary>Millicores for pods.</summary>
    public long[] CpuTotal { get; }

    /// <summary>Bytes for pods.</summary>
    public long[] MemoryTotal { get; }

    /// <summary>Takes stock.</summary>
    /// <param name="nodes">All nodes.</param>
    /// <param name="pods">Pods; those on no node, and those that have ended, take nothing.</param>
    public static ClusterSnapshot Of(IEnumerable<Node> nodes, IEnumerable<Pod> pods)
    {
        var snapshot = new ClusterSnapshot([.. nodes.OrderBy(static node => node.Metadata.Name, StringComparer.Ordinal)]);
        var byName = new Dictionary<string, int>(snapshot.Nodes.Length, StringComparer.Ordinal);
        for (var i = 0; i < snapshot.Nodes.Length; i++)
        {
            byName[snapshot.Nodes[i].Metadata.Name!] = i;
            var allocatable = snapshot.Nodes[i].Status?.Allocatable;
            snapshot.CpuTotal[i] = snapshot.CpuFree[i] = allocatable is not null && allocatable.TryGetValue("cpu", out var cpu) ? cpu.Milli : 0;
            snapshot.MemoryTotal[i] = snapshot.MemoryFree[i] = allocatable is not null && allocatable.TryGetValue("memory", out var memory) ? memory.Units : 0;
            snapshot.PodsFree[i] = allocatable is not null && allocatable.TryGetValue("pods", out var count) ? count.Units : DefaultPods;
        }

        foreach (var pod in pods)
        {
            if (pod.Status?.Phase is not ("Succeeded" or "Failed") && pod.Spec?.NodeName is { Length: > 0 } name && byName.TryGetValue(name, out var node))
                snapshot.Take(node, PodDemand.Of(pod), pod.Metadata.DeletionTimestamp is null ? InstanceGroup.Of(pod) : null);
        }

        return snapshot;
    }

    /// <summary>Gives a pod its room.</summary>
    public void Take(int node, PodDemand demand, InstanceGroup? group)
    {
        CpuFree[node] -= demand.Cpu;
        MemoryFree[node] -= demand.Memory;
        PodsFree[node]--;
        foreach (var port in demand.HostPorts)
            (_ports[node] ??= []).Add(port);
        if (group is not { } known)
            return;
        if (!_instances.TryGetValue(known, out var places))
            _instances[known] = places = [];
        places.Add(node);
    }

    /// <summary>Whether a port of the node is taken.</summary>
    public bool IsPortTaken(int node, int port) => _ports[node]?.Contains(port) == true;

    /// <summary>The nodes of a group's instances, in the order they were placed; a node stands once for each instance.</summary>
    public IReadOnlyList<int> PlacesOf(InstanceGroup group) => _instances.TryGetValue(group, out var places) ? places : [];
}
