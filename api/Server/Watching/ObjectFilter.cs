using ControlPlane.Api.Machinery.Selection;
using ControlPlane.Api.Server.Definitions;
using ControlPlane.Api.Server.Errors;
using ControlPlane.Api.Server.Registry;

namespace ControlPlane.Api.Server.Watching;

/// <summary>Which objects of a collection a list, watch or delete is about.</summary>
internal sealed class ObjectFilter
{
    private readonly ResourceDefinition _definition;
    private readonly LabelSelector _labels;
    private readonly FieldSelector _fields;
    private readonly string _keyPrefix;
    private readonly string? _name;

    public ObjectFilter(ResourceDefinition definition, string @namespace, string? name, LabelSelector labels, FieldSelector fields)
    {
        _definition = definition;
        _labels = labels;
        _fields = fields;
        _keyPrefix = StorageKey.Scope(definition.StoragePrefix, @namespace);
        _name = name;
        foreach (var term in fields.Terms)
            Check(term.Path);
    }

    /// <summary>Whether anything beside the namespace narrows the collection.</summary>
    public bool IsSelective => !_labels.IsEverything || !_fields.IsEverything || _name is not null;

    public bool Matches(StoredObject value)
    {
        if (!value.Key.StartsWith(_keyPrefix, StringComparison.Ordinal))
            return false;
        if (_name is not null && !NameOf(value).SequenceEqual(_name))
            return false;
        if (!_labels.IsEverything && !_labels.Matches(value.FactsFor(_definition.Facts).Labels))
            return false;
        return _fields.IsEverything || _fields.Matches(path => ValueOf(value, path));
    }

    private string ValueOf(StoredObject value, string path) => path switch
    {
        "metadata.name" => NameOf(value).ToString(),
        "metadata.namespace" => NamespaceOf(value),
        _ => value.FactsFor(_definition.Facts).Fields.GetValueOrDefault(path) ?? _definition.SelectableFields[path].Default,
    };

    private static ReadOnlySpan<char> NameOf(StoredObject value) => value.Key.AsSpan(value.Key.LastIndexOf('/') + 1);

    private string NamespaceOf(StoredObject value)
    {
        var rest = value.Key.AsSpan(_definition.StoragePrefix.Length);
        var slash = rest.IndexOf('/');
        return slash < 0 ? "" : rest[..slash].ToString();
    }

    private void Check(string path)
    {
        if (path is "metadata.name" or "metadata.namespace" || _definition.SelectableFields.ContainsKey(path))
            return;
        throw ApiErrors.BadRequest(_definition.SelectableFields.Count > 0 || !_definition.Strategy.HasTypedSelectors
            ? $"field label not supported: {path}"
            : $"\"{path}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"");
    }
}
