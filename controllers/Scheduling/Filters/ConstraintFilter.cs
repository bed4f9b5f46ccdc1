using ControlPlane.Controllers.Scheduling.Constraints;

namespace ControlPlane.Controllers.Scheduling.Filters;

/// <summary>Nodes that the app's placement constraints rule out.</summary>
internal sealed class ConstraintFilter : IFilter
{
    private readonly NodeConstraint[] _constraints;
    private readonly Placement[] _placements;
    private readonly ClusterSnapshot _snapshot;

    public ConstraintFilter(ClusterSnapshot snapshot, PendingPod pod)
    {
        _snapshot = snapshot;
        _constraints = [.. pod.Constraints];
        var places = pod.Group is { } group ? snapshot.PlacesOf(group) : [];
        _placements = [.. _constraints.Select(constraint => Placement.Of(snapshot, constraint.Field, places, pod.GroupSize))];
    }

    public string? Reject(int node)
    {
        for (var i = 0; i < _constraints.Length; i++)
        {
            if (!_constraints[i].Allows(NodeField.Of(_snapshot.Nodes[node], _constraints[i].Field), _placements[i]))
                return _constraints[i].Description;
        }

        return null;
    }
}
