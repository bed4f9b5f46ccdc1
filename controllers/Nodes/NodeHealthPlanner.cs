using ControlPlane.Api.Core.V1;

namespace ControlPlane.Controllers.Nodes;

/// <summary>Decides which nodes are lost and what their objects should say.</summary>
internal static class NodeHealthPlanner
{
    public static NodeHealthPlan Plan(IReadOnlyList<NodeObservation> nodes, NodesOptions options, DateTimeOffset now)
    {
        var lost = nodes.Where(n => n.Silence >= options.Grace).Select(static n => n.Node.Metadata.Name!).ToHashSet(StringComparer.Ordinal);
        var isBreakerOpen = lost.Count > options.BreakerShare * nodes.Count;
        var changes = nodes.Select(n => Change(n, lost.Contains(n.Node.Metadata.Name!), isBreakerOpen, options, now)).OfType<NodeChange>().ToList();
        return new NodeHealthPlan(lost, isBreakerOpen, changes);
    }

    private static NodeChange? Change(NodeObservation seen, bool isLost, bool isBreakerOpen, NodesOptions options, DateTimeOffset now)
    {
        var condition = isLost ? UnknownCondition(seen.Node, now) : null;
        var taints = Taints(seen, isLost, isBreakerOpen, options, now);
        return condition is null && taints is null ? null : new NodeChange(seen.Node, condition, taints);
    }

    private static NodeCondition? UnknownCondition(Node node, DateTimeOffset now)
    {
        var ready = node.Status?.Conditions.FirstOrDefault(static c => c.Type == "Ready");
        if (ready?.Status == "Unknown")
            return null;
        return new NodeCondition
        {
            Type = "Ready",
            Status = "Unknown",
            LastHeartbeatTime = ready?.LastHeartbeatTime,
            LastTransitionTime = now,
            Reason = "NodeStatusUnknown",
            Message = "The node's agent stopped reporting.",
        };
    }

    /// <returns>All taints that the node should have, or <c>null</c> when it has them.</returns>
    private static IReadOnlyList<Taint>? Taints(NodeObservation seen, bool isLost, bool isBreakerOpen, NodesOptions options, DateTimeOffset now)
    {
        var present = seen.Node.Spec?.Taints ?? [];
        var wanted = Wanted(seen, isLost, isBreakerOpen, options, present);
        if (present.Where(static t => NodeTaints.IsOurs(t.Key)).Select(static t => (t.Key, t.Effect)).ToHashSet().SetEquals(wanted))
            return null;
        var made = wanted.Select(w => present.FirstOrDefault(t => (t.Key, t.Effect) == w) ?? new Taint { Key = w.Key, Effect = w.Effect, TimeAdded = now });
        return [.. present.Where(static t => !NodeTaints.IsOurs(t.Key)), .. made];
    }

    private static List<(string Key, string Effect)> Wanted(NodeObservation seen, bool isLost, bool isBreakerOpen, NodesOptions options, IReadOnlyList<Taint> present)
    {
        var ready = seen.Node.Status?.Conditions.FirstOrDefault(static c => c.Type == "Ready")?.Status;
        if (!isLost && ready == "True")
            return [];
        // Declared lost, by a leader before us perhaps, and not heard to be ready since: its taints and their times stay as they are.
        if (!isLost && ready == "Unknown" && present.Any(static t => t.Key == NodeTaints.Unreachable))
            return [.. present.Where(static t => NodeTaints.IsOurs(t.Key)).Select(static t => (t.Key, t.Effect))];
        var key = isLost ? NodeTaints.Unreachable : NodeTaints.NotReady;
        var wanted = new List<(string, string)> { (key, NodeTaints.NoSchedule) };
        // While too many look lost no more pods are told to leave; those already told so stay told.
        var evicts = isLost
            ? !isBreakerOpen || present.Any(t => t.Key == key && t.Effect == NodeTaints.NoExecute)
            : seen.NotReadyFor >= options.NotReadyGrace;
        if (evicts)
            wanted.Add((key, NodeTaints.NoExecute));
        return wanted;
    }
}

/// <summary>What to write to a node.</summary>
/// <param name="Node">As read.</param>
/// <param name="Ready">New Ready condition, if it changes.</param>
/// <param name="Taints">New taints, if they change.</param>
internal sealed record NodeChange(Node Node, NodeCondition? Ready, IReadOnlyList<Taint>? Taints);

/// <summary>Which nodes are lost, and what to write.</summary>
/// <param name="Lost">Names of nodes that are not heard of.</param>
/// <param name="IsBreakerOpen">So many are lost that nothing is evicted.</param>
/// <param name="Changes">What to write.</param>
internal sealed record NodeHealthPlan(IReadOnlySet<string> Lost, bool IsBreakerOpen, IReadOnlyList<NodeChange> Changes);
