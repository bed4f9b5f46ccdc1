namespace ControlPlane.Api.Schema;

/// <summary>A field that a field selector may name, beside metadata.name and metadata.namespace.</summary>
/// <param name="path">Dotted path without a leading dot, e.g. <c>spec.nodeName</c>.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public sealed class SelectableFieldAttribute(string path) : Attribute
{
    /// <summary>Dotted path.</summary>
    public string Path => path;

    /// <summary>What an unset field compares as.</summary>
    public string Default { get; init; } = "";
}
