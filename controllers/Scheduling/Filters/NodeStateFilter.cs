namespace ControlPlane.Controllers.Scheduling.Filters;

/// <summary>Nodes that are not ready, or that an operator has cordoned.</summary>
internal sealed class NodeStateFilter(ClusterSnapshot snapshot) : IFilter
{
    public string? Reject(int node)
    {
        var candidate = snapshot.Nodes[node];
        if (candidate.Spec?.Unschedulable == true)
            return "cordoned";
        if (candidate.Metadata.DeletionTimestamp is not null)
            return "being removed";
        return candidate.Status?.Conditions.Any(static condition => condition is { Type: "Ready", Status: "True" }) == true ? null : "not ready";
    }
}
