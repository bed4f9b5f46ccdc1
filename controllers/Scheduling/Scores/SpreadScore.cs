namespace ControlPlane.Controllers.Scheduling.Scores;

/// <summary>Prefers nodes with few instances of the same app, so that losing one node loses few of them.</summary>
internal sealed class SpreadScore : IScore
{
    private readonly int[] _counts;
    private readonly int _most;

    public SpreadScore(ClusterSnapshot snapshot, PendingPod pod)
    {
        _counts = new int[snapshot.Nodes.Length];
        foreach (var node in pod.Group is { } group ? snapshot.PlacesOf(group) : [])
            _counts[node]++;
        _most = _counts.Length == 0 ? 0 : _counts.Max();
    }

    public int Of(int node) => _most == 0 ? 100 : 100 - (100 * _counts[node] / _most);
}
