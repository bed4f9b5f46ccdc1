namespace ControlPlane.Controllers.Scheduling.Constraints;

/// <summary>How an app's instances are placed over the values of one field.</summary>
/// <param name="Counts">Instances for each value.</param>
/// <param name="First">The value of the instance that was placed first, or <c>null</c>.</param>
/// <param name="DistinctValues">How many values the nodes have.</param>
/// <param name="GroupSize">How many instances the app should have.</param>
internal sealed record Placement(IReadOnlyDictionary<string, int> Counts, string? First, int DistinctValues, int GroupSize)
{
    public static Placement Of(ClusterSnapshot snapshot, string field, IReadOnlyList<int> places, int groupSize)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        string? first = null;
        foreach (var place in places)
        {
            if (NodeField.Of(snapshot.Nodes[place], field) is not { } value)
                continue;
            first ??= value;
            counts[value] = counts.GetValueOrDefault(value) + 1;
        }

        var distinct = snapshot.Nodes.Select(node => NodeField.Of(node, field)).OfType<string>().Distinct(StringComparer.Ordinal).Count();
        return new Placement(counts, first, distinct, groupSize);
    }

    public int CountOf(string value) => Counts.GetValueOrDefault(value);
}
