using ControlPlane.Api.Platform.V1;

namespace ControlPlane.Controllers.Groups;

/// <summary>How the groups of a namespace depend on and contain each other. Ends on any input: admission may have let a cycle through.</summary>
internal sealed class GroupGraph(IEnumerable<Group> groups)
{
    private readonly Dictionary<string, Group> _groups = groups.ToDictionary(static group => group.Metadata.Name!, StringComparer.Ordinal);

    /// <summary>Groups that have to be ready before any app of this one: its own dependencies and those of the groups it is part of.</summary>
    public IReadOnlyList<string> Requirements(Group group) =>
        [.. Ancestors(group).Prepend(group).SelectMany(static part => part.Spec.Dependencies).Distinct(StringComparer.Ordinal)];

    /// <summary>The first requirement that does not exist.</summary>
    public string? Missing(Group group) => Requirements(group).FirstOrDefault(name => !_groups.ContainsKey(name));

    /// <summary>Names of the apps of all groups that have to be ready first, and of their parts.</summary>
    public IReadOnlyList<string> RequiredApps(Group group) =>
        [.. Requirements(group).SelectMany(Parts).DistinctBy(static part => part.Metadata.Name)
            .SelectMany(static part => part.Spec.Apps.Select(entry => AppBuilder.NameOf(part.Metadata.Name!, entry.Name)))];

    /// <summary>Whether the group waits, over however many others, for itself.</summary>
    public bool IsCyclic(Group group)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var left = new Stack<Group>([group]);
        while (left.TryPop(out var next))
        {
            foreach (var required in Requirements(next).SelectMany(Parts))
            {
                if (required.Metadata.Name == group.Metadata.Name)
                    return true;
                if (seen.Add(required.Metadata.Name!))
                    left.Push(required);
            }
        }

        return false;
    }

    /// <summary>The groups that are part of this one and have to go before it.</summary>
    public IReadOnlyList<Group> Children(Group group)
    {
        var above = Ancestors(group).Select(static ancestor => ancestor.Metadata.Name).Append(group.Metadata.Name).ToHashSet();
        return [.. _groups.Values
            .Where(other => other.Spec.Parent == group.Metadata.Name && !above.Contains(other.Metadata.Name))
            .OrderBy(static other => other.Metadata.Name, StringComparer.Ordinal)];
    }

    private List<Group> Ancestors(Group group)
    {
        var ancestors = new List<Group>();
        var next = group.Spec.Parent;
        while (next is not null && next != group.Metadata.Name && _groups.TryGetValue(next, out var parent) && !ancestors.Contains(parent))
        {
            ancestors.Add(parent);
            next = parent.Spec.Parent;
        }

        return ancestors;
    }

    private List<Group> Parts(string name)
    {
        var parts = new List<Group>();
        if (_groups.TryGetValue(name, out var group))
            parts.Add(group);
        for (var i = 0; i < parts.Count; i++)
            parts.AddRange(_groups.Values.Where(other => other.Spec.Parent == parts[i].Metadata.Name && !parts.Contains(other)));
        return parts;
    }
}
