using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace ControlPlane.Api.Machinery.Schema;

/// <summary>An object's declared properties: fast to look up, and in the order they were declared, which is the order documentation
/// shows them in.</summary>
public sealed class SchemaProperties
{
    private readonly KeyValuePair<string, ResourceSchema>[] _ordered;
    private readonly FrozenDictionary<string, ResourceSchema> _byName;

    public SchemaProperties(IEnumerable<KeyValuePair<string, ResourceSchema>> properties)
    {
        _ordered = [.. properties];
        _byName = _ordered.ToFrozenDictionary(StringComparer.Ordinal);
    }

    public static SchemaProperties Empty { get; } = new([]);

    public int Count => _ordered.Length;

    public bool TryGet(string name, [NotNullWhen(true)] out ResourceSchema? schema) => _byName.TryGetValue(name, out schema);

    public bool Contains(string name) => _byName.ContainsKey(name);

    internal ReadOnlySpan<KeyValuePair<string, ResourceSchema>> Span => _ordered;

    /// <summary>In the order of declaration.</summary>
    public IReadOnlyList<KeyValuePair<string, ResourceSchema>> Ordered => _ordered;
}
