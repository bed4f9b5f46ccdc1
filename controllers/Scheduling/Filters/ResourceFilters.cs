namespace ControlPlane.Controllers.Scheduling.Filters;

/// <summary>Nodes with too little cpu left.</summary>
internal sealed class CpuFilter(ClusterSnapshot snapshot, PendingPod pod) : IFilter
{
    public string? Reject(int node) => pod.Demand.Cpu <= snapshot.CpuFree[node] || pod.Demand.Cpu == 0 ? null : "insufficient cpu";
}

/// <summary>Nodes with too little memory left.</summary>
internal sealed class MemoryFilter(ClusterSnapshot snapshot, PendingPod pod) : IFilter
{
    public string? Reject(int node) => pod.Demand.Memory <= snapshot.MemoryFree[node] || pod.Demand.Memory == 0 ? null : "insufficient memory";
}

/// <summary>Nodes that run as many pods as they may.</summary>
internal sealed class PodCountFilter(ClusterSnapshot snapshot) : IFilter
{
    public string? Reject(int node) => snapshot.PodsFree[node] > 0 ? null : "too many pods";
}

/// <summary>Nodes on which a port that the pod needs is taken.</summary>
internal sealed class HostPortFilter(ClusterSnapshot snapshot, PendingPod pod) : IFilter
{
    public string? Reject(int node)
    {
        foreach (var port in pod.Demand.HostPorts)
        {
            if (snapshot.IsPortTaken(node, port))
                return $"host port {port & 0xFFFF} taken";
        }

        return null;
    }
}
