using ControlPlane.Api.Platform.V1;

namespace ControlPlane.Controllers.Apps.Rollout;

/// <summary>
/// Which instances end first: those that are not ready; then those in the fullest group, where a GROUP_BY constraint asks for balance; then those
/// that have come less far; then by age, as killSelection says.
/// </summary>
internal sealed class KillOrder(AppSpec spec, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> nodeLabels)
{
    private readonly bool _oldestFirst = spec.KillSelection == "OLDEST_FIRST";

    private readonly string? _groupBy =
        spec.Constraints.FirstOrDefault(c => c.Operator == "GROUP_BY") is { } constraint ? PlacementFields.LabelOf(constraint.Field) : null;

    /// <summary>The first <paramref name="count"/> of <paramref name="candidates"/> to end.</summary>
    /// <param name="candidates">Alive instances that may be ended.</param>
    /// <param name="all">All alive instances that share the balance; the candidates are among them.</param>
    /// <param name="count">How many.</param>
    public List<Instance> Pick(IReadOnlyCollection<Instance> candidates, IReadOnlyCollection<Instance> all, int count)
    {
        if (count <= 0)
            return [];
        var ordered = candidates.Order(Comparer<Instance>.Create(CompareAlone)).ToList();
        return _groupBy is null || count >= ordered.Count ? [.. ordered.Take(count)] : PickBalanced(ordered, all, count);
    }

    private List<Instance> PickBalanced(List<Instance> ordered, IReadOnlyCollection<Instance> all, int count)
    {
        var sizes = all.CountBy(GroupOf).ToDictionary();
        var picked = new List<Instance>(count);
        while (picked.Count < count)
        {
            // The list is in the order without groups, so the first of the fullest group is the right one among equals.
            var ready = ordered[0].Ready;
            var next = ordered.TakeWhile(i => i.Ready == ready).MaxBy(i => sizes[GroupOf(i)])!;
            ordered.Remove(next);
            sizes[GroupOf(next)]--;
            picked.Add(next);
        }

        return picked;
    }

    private int CompareAlone(Instance left, Instance right)
    {
        var byReadiness = left.Ready.CompareTo(right.Ready);
        if (byReadiness != 0)
            return byReadiness;
        var byStage = Stage(left).CompareTo(Stage(right));
        if (byStage != 0)
            return byStage;
        var byAge = Nullable.Compare(left.Pod.Metadata.CreationTimestamp, right.Pod.Metadata.CreationTimestamp);
        if (byAge == 0)
            byAge = left.Index.CompareTo(right.Index);
        if (byAge != 0)
            return _oldestFirst ? byAge : -byAge;
        return string.CompareOrdinal(left.Name, right.Name);
    }

    private static int Stage(Instance instance) => instance.Node is null ? 0 : instance.Pod.Status?.Phase == "Running" ? 2 : 1;

    private string GroupOf(Instance instance) =>
        instance.Node is { } node && nodeLabels.TryGetValue(node, out var labels) ? labels.GetValueOrDefault(_groupBy!, "") : "";
}
