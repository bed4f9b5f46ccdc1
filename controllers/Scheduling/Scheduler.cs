using System.Globalization;
using ControlPlane.Controllers.Scheduling.Filters;
using ControlPlane.Controllers.Scheduling.Scores;

namespace ControlPlane.Controllers.Scheduling;

/// <summary>Finds a node for one pod. Pure: it reads the snapshot and changes nothing.</summary>
internal static class Scheduler
{
    private const int SpreadWeight = 3, RoomWeight = 1;

    /// <summary>The best node that fits, or why there is none.</summary>
    public static Decision Place(ClusterSnapshot snapshot, PendingPod pod)
    {
        // In the order in which a user wants to hear about them.
        IFilter[] filters =
        [
            new NodeStateFilter(snapshot), new TaintFilter(snapshot, pod), new NodeSelectorFilter(snapshot, pod), new ConstraintFilter(snapshot, pod),
            new CpuFilter(snapshot, pod), new MemoryFilter(snapshot, pod), new PodCountFilter(snapshot), new HostPortFilter(snapshot, pod),
        ];
        IScore spread = new SpreadScore(snapshot, pod), room = new LeastAllocatedScore(snapshot, pod);
        var reasons = new SortedDictionary<string, int>(StringComparer.Ordinal);
        int best = -1, bestScore = -1;
        for (var node = 0; node < snapshot.Nodes.Length; node++)
        {
            if (FirstReason(filters, node) is { } reason)
            {
                reasons[reason] = reasons.GetValueOrDefault(reason) + 1;
                continue;
            }

            var score = (SpreadWeight * spread.Of(node)) + (RoomWeight * room.Of(node));
            if (score > bestScore)
                (best, bestScore) = (node, score);
        }

        return best >= 0 ? new Decision(best, null) : new Decision(null, Explain(snapshot.Nodes.Length, reasons));
    }

    private static string? FirstReason(IFilter[] filters, int node)
    {
        foreach (var filter in filters)
        {
            if (filter.Reject(node) is { } reason)
                return reason;
        }

        return null;
    }

    /// <summary>"0/12 nodes fit: 5 insufficient cpu, 4 constraint rack UNIQUE, 3 cordoned", the most frequent first.</summary>
    private static string Explain(int nodes, SortedDictionary<string, int> reasons) =>
        nodes == 0
            ? "0/0 nodes fit: no node has registered yet"
            : string.Create(CultureInfo.InvariantCulture, $"0/{nodes} nodes fit: {string.Join(", ", reasons.OrderByDescending(static pair => pair.Value).Select(static pair => $"{pair.Value} {pair.Key}"))}");
}

/// <summary>A node, or why there is none.</summary>
/// <param name="Node">Index of the node in the snapshot.</param>
/// <param name="Reason">A sentence for the user.</param>
internal readonly record struct Decision(int? Node, string? Reason);
