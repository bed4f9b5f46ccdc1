using ControlPlane.Api.Core.V1;

namespace ControlPlane.Controllers.Nodes;

/// <summary>
/// Decides which pods have to leave their nodes. First a pod is marked for deletion, so that its app replaces it. On a node that is
/// heard of, the agent then ends it. On a lost node nobody can; once the pod's grace period is over it is removed by force.
/// </summary>
internal static class EvictionPlanner
{
    public static IReadOnlyList<Eviction> Plan(IEnumerable<Pod> pods, IReadOnlyDictionary<string, Node> nodes, NodeHealthPlan health, DateTimeOffset now)
    {
        var evictions = new List<Eviction>();
        foreach (var pod in pods)
        {
            if (pod.Spec?.NodeName is not { Length: > 0 } nodeName || !nodes.TryGetValue(nodeName, out var node))
                continue;
            var isLost = health.Lost.Contains(nodeName);
            if (isLost && health.IsBreakerOpen)
                continue;
            if (pod.Metadata.DeletionTimestamp is { } end)
            {
                if (isLost && now >= end)
                    evictions.Add(new Eviction(pod, nodeName, IsForced: true));
            }
            else if (pod.Status?.Phase is not ("Succeeded" or "Failed") && MustLeave(pod, node, isLost, now))
            {
                evictions.Add(new Eviction(pod, nodeName, IsForced: false));
            }
        }
        return evictions;
    }

    private static bool MustLeave(Pod pod, Node node, bool isLost, DateTimeOffset now)
    {
        foreach (var taint in node.Spec?.Taints ?? [])
        {
            // "Unreachable" on a node that is heard of is left over from before it came back, or from a leader before us.
            if (taint.Effect != NodeTaints.NoExecute || (!isLost && taint.Key == NodeTaints.Unreachable))
                continue;
            if (ToleratedUntil(pod, taint) <= now)
                return true;
        }
        return false;
    }

    private static DateTimeOffset ToleratedUntil(Pod pod, Taint taint)
    {
        var since = taint.TimeAdded ?? DateTimeOffset.MinValue;
        var matching = (pod.Spec?.Tolerations ?? []).Where(t => Tolerates(t, taint)).ToList();
        if (matching.Count == 0)
            return since;
        if (matching.Any(static t => t.TolerationSeconds is null))
            return DateTimeOffset.MaxValue;
        // All that match hold; the shortest counts. A nonpositive time means at once.
        return since.AddSeconds(Math.Max(0, matching.Min(static t => t.TolerationSeconds!.Value)));
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

/// <summary>A pod that has to leave its node.</summary>
/// <param name="Pod">Which.</param>
/// <param name="NodeName">From where.</param>
/// <param name="IsForced">Remove it without the agent's word, for its node is lost.</param>
internal sealed record Eviction(Pod Pod, string NodeName, bool IsForced);
