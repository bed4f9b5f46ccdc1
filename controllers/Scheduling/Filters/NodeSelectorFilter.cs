namespace ControlPlane.Controllers.Scheduling.Filters;

/// <summary>Nodes without the labels that the pod asks for.</summary>
internal sealed class NodeSelectorFilter(ClusterSnapshot snapshot, PendingPod pod) : IFilter
{
    private readonly IReadOnlyDictionary<string, string>? _selector = pod.Pod.Spec?.NodeSelector;

    public string? Reject(int node)
    {
        if (_selector is null)
            return null;
        var labels = snapshot.Nodes[node].Metadata.Labels;
        foreach (var (key, value) in _selector)
        {
            if (!labels.TryGetValue(key, out var present) || present != value)
                return $"without label {key}={value}";
        }

        return null;
    }
}
