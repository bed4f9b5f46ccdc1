namespace ControlPlane.Controllers.Hosting;

/// <summary>Which of the controllers run: names, <c>*</c>, <c>-name</c>; what comes later wins.</summary>
internal static class ControllerSelection
{
    public static IReadOnlyList<ControllerDefinition> Select(IReadOnlyList<ControllerDefinition> all, IReadOnlyList<string> terms, List<string> faults)
    {
        var selected = new HashSet<string>(StringComparer.Ordinal);
        foreach (var term in terms)
        {
            var name = term.TrimStart('-');
            if (name != "*" && all.All(c => c.Name != name))
                faults.Add($"There is no controller {name}; there are {string.Join(", ", all.Select(static c => c.Name))}.");
            else if (term == "*")
                selected.UnionWith(all.Select(static c => c.Name));
            else if (term.StartsWith('-'))
                selected.Remove(name);
            else
                selected.Add(name);
        }
        return [.. all.Where(c => selected.Contains(c.Name))];
    }
}
