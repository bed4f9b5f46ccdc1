using ControlPlane.Api.Core.V1;

namespace ControlPlane.Controllers.Nodes;

/// <summary>Gives each node a part of the cluster's pod addresses that overlaps no other node's.</summary>
internal static class PodCidrPlanner
{
    /// <param name="nodes">All nodes.</param>
    /// <param name="cluster">All addresses.</param>
    /// <param name="mask">Prefix length of a part.</param>
    public static PodCidrPlan Plan(IReadOnlyList<Node> nodes, Ipv4Network cluster, int mask)
    {
        var taken = nodes.SelectMany(Ranges).ToList();
        // Parts are aligned, so a range of the same size is one part; only foreign sizes need the overlap test.
        var sameSize = taken.Where(range => range.PrefixLength == mask).ToHashSet();
        var foreign = taken.Where(range => range.PrefixLength != mask).ToList();
        using var free = cluster.Split(mask).Where(part => !sameSize.Contains(part) && !foreign.Any(part.Overlaps)).GetEnumerator();

        var assignments = new List<PodCidrAssignment>();
        var unserved = new List<Node>();
        foreach (var node in nodes.Where(static n => string.IsNullOrEmpty(n.Spec?.PodCidr)).OrderBy(static n => n.Metadata.Name, StringComparer.Ordinal))
        {
            if (free.MoveNext())
                assignments.Add(new PodCidrAssignment(node, free.Current.ToString()));
            else
                unserved.Add(node);
        }
        return new PodCidrPlan(assignments, unserved);
    }

    private static IEnumerable<Ipv4Network> Ranges(Node node)
    {
        if (Ipv4Network.TryParse(node.Spec?.PodCidr, out var first))
            yield return first;
        foreach (var text in node.Spec?.PodCidrs ?? [])
        {
            if (Ipv4Network.TryParse(text, out var range))
                yield return range;
        }
    }
}

/// <summary>A node and its new range.</summary>
internal sealed record PodCidrAssignment(Node Node, string Cidr);

/// <summary>Who gets which range, and who gets none because none is left.</summary>
internal sealed record PodCidrPlan(IReadOnlyList<PodCidrAssignment> Assignments, IReadOnlyList<Node> Unserved);
