using ControlPlane.Api.Core.V1;

namespace ControlPlane.Controllers.Scheduling.Filters;

/// <summary>Nodes with a taint that the pod does not tolerate.</summary>
internal sealed class TaintFilter(ClusterSnapshot snapshot, PendingPod pod) : IFilter
{
    private readonly IReadOnlyList<Toleration> _tolerations = pod.Pod.Spec?.Tolerations ?? [];

    public string? Reject(int node)
    {
        foreach (var taint in snapshot.Nodes[node].Spec?.Taints ?? [])
        {
            if (taint.Effect is "NoSchedule" or "NoExecute" && !_tolerations.Any(toleration => Tolerates(toleration, taint)))
                return $"taint {taint.Key}";
        }

        return null;
    }

    private static bool Tolerates(Toleration toleration, Taint taint)
    {
        if (!string.IsNullOrEmpty(toleration.Effect) && toleration.Effect != taint.Effect)
            return false;
        if (string.IsNullOrEmpty(toleration.Key))
            return toleration.Operator == "Exists";
        return toleration.Key == taint.Key && (toleration.Operator == "Exists" || (toleration.Value ?? "") == (taint.Value ?? ""));
    }
}
