using System.Collections.Frozen;

namespace ControlPlane.Api.Server.Definitions;

/// <summary>The kinds served now. Readers take <see cref="Current"/> once per request; a change swaps in a whole new snapshot.</summary>
internal sealed class DefinitionRegistry
{
    private readonly Lock _gate = new();
    private volatile DefinitionSnapshot _current = DefinitionSnapshot.Empty;

    public DefinitionSnapshot Current => _current;

    /// <summary>Adds or replaces kinds.</summary>
    public void Add(IEnumerable<ResourceDefinition> definitions)
    {
        lock (_gate)
        {
            var all = _current.All.ToDictionary(d => (d.Group, d.Version, d.Plural));
            foreach (var definition in definitions)
                all[(definition.Group, definition.Version, definition.Plural)] = definition;
            _current = new DefinitionSnapshot(_current.Generation + 1, all.Values);
        }
    }
}

/// <summary>An immutable set of kinds. <see cref="Generation"/> names it, so that documents derived from it can be cached.</summary>
internal sealed class DefinitionSnapshot
{
    private readonly FrozenDictionary<(string Group, string Version, string Plural), ResourceDefinition> _byResource;
    private readonly FrozenDictionary<(string Group, string Version, string Kind), ResourceDefinition> _byKind;

    public DefinitionSnapshot(long generation, IEnumerable<ResourceDefinition> definitions)
    {
        Generation = generation;
        All = [.. definitions.OrderBy(d => d.Group, StringComparer.Ordinal).ThenBy(d => d.Version, StringComparer.Ordinal).ThenBy(d => d.Plural, StringComparer.Ordinal)];
        _byResource = All.ToFrozenDictionary(d => (d.Group, d.Version, d.Plural));
        _byKind = All.ToFrozenDictionary(d => (d.Group, d.Version, d.Kind));
        GroupVersions = [.. All.GroupBy(d => (d.Group, d.Version)).Select(g => new GroupVersion(g.Key.Group, g.Key.Version, [.. g]))];
    }

    public static DefinitionSnapshot Empty { get; } = new(0, []);

    public long Generation { get; }

    /// <summary>Ordered by group, version and resource.</summary>
    public IReadOnlyList<ResourceDefinition> All { get; }

    public IReadOnlyList<GroupVersion> GroupVersions { get; }

    public ResourceDefinition? Find(string group, string version, string plural) => _byResource.GetValueOrDefault((group, version, plural));

    public ResourceDefinition? FindKind(string group, string version, string kind) => _byKind.GetValueOrDefault((group, version, kind));
}

/// <summary>The kinds of one version of one group.</summary>
internal sealed record GroupVersion(string Group, string Version, IReadOnlyList<ResourceDefinition> Resources)
{
    public string Name => Group.Length == 0 ? Version : Group + "/" + Version;

    /// <summary>Path below which the version is served, without a leading slash.</summary>
    public string Path => Group.Length == 0 ? "api/" + Version : "apis/" + Name;
}
