using ControlPlane.Api.Server.Rest;

namespace ControlPlane.Api.Server.Definitions;

/// <summary>The subresources that are more than a part of the object, and who serves them.</summary>
internal sealed class SubresourceCatalog
{
    private readonly List<(string Group, string Plural, SubresourceDefinition Subresource)> _entries = [];
    private SubresourceDefinition? _scale;

    public SubresourceCatalog Add(string group, string plural, string name, GroupVersionKind kind, ISubresourceHandler handler, params string[] verbs)
    {
        _entries.Add((group, plural, new SubresourceDefinition(name, kind, verbs) { Handler = handler }));
        return this;
    }

    /// <summary>Serves the scale of every kind that has one.</summary>
    public SubresourceCatalog AddScale(ISubresourceHandler handler)
    {
        _scale = new SubresourceDefinition("scale", new GroupVersionKind("autoscaling", "v1", "Scale"), ["get", "patch", "update"]) { Handler = handler };
        return this;
    }

    public IEnumerable<SubresourceDefinition> For(string group, string plural, bool hasScale)
    {
        foreach (var entry in _entries)
        {
            if (entry.Group == group && entry.Plural == plural)
                yield return entry.Subresource;
        }
        if (hasScale && _scale is not null)
            yield return _scale;
    }
}
