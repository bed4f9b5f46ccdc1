namespace ControlPlane.Controllers.Groups;

/// <summary>Puts names in the order of their dependencies.</summary>
internal static class DependencyOrder
{
    /// <summary>
    /// Layers by the longest path: everything that a name depends on is in an earlier layer. Within a layer the given order stays.
    /// <c>null</c> when dependencies form a cycle. Dependencies on names that are not there do not count.
    /// </summary>
    public static IReadOnlyList<IReadOnlyList<string>>? Layers(IReadOnlyList<string> names, Func<string, IEnumerable<string>> dependenciesOf)
    {
        var left = names.ToList();
        var layers = new List<IReadOnlyList<string>>();
        while (left.Count > 0)
        {
            var waiting = left.ToHashSet(StringComparer.Ordinal);
            var layer = left.Where(name => !dependenciesOf(name).Any(waiting.Contains)).ToArray();
            if (layer.Length == 0)
                return null;
            layers.Add(layer);
            left.RemoveAll(layer.Contains);
        }

        return layers;
    }
}
