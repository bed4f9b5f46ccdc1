namespace ControlPlane.Controllers.Scheduling.Scores;

/// <summary>Prefers nodes with room left: the mean of the free shares of cpu and memory after the pod.</summary>
internal sealed class LeastAllocatedScore(ClusterSnapshot snapshot, PendingPod pod) : IScore
{
    public int Of(int node) =>
        (Share(snapshot.CpuFree[node] - pod.Demand.Cpu, snapshot.CpuTotal[node]) + Share(snapshot.MemoryFree[node] - pod.Demand.Memory, snapshot.MemoryTotal[node])) / 2;

    private static int Share(long free, long total) => total <= 0 ? 0 : (int)Math.Clamp(free * 100 / total, 0, 100);
}
