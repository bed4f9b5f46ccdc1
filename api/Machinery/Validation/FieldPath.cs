using System.Globalization;

namespace ControlPlane.Api.Machinery.Validation;

/// <summary>Where in an object an error is: <c>spec.containers[0].env[NAME]</c>.</summary>
public sealed class FieldPath
{
    private readonly FieldPath? _parent;
    private readonly string _segment;

    private FieldPath(FieldPath? parent, string segment)
    {
        _parent = parent;
        _segment = segment;
    }

    /// <summary>The object itself; its text is empty.</summary>
    public static FieldPath Root { get; } = new(null, "");

    /// <summary>A path from its first field names.</summary>
    public static FieldPath Of(params ReadOnlySpan<string> names) => Root.Child(names);

    public FieldPath Child(string name) => new(this, IsRoot ? name : "." + name);

    public FieldPath Child(params ReadOnlySpan<string> names)
    {
        var path = this;
        foreach (var name in names)
            path = path.Child(name);
        return path;
    }

    public FieldPath Index(int index) => new(this, string.Create(CultureInfo.InvariantCulture, $"[{index}]"));

    /// <summary>An entry of a map whose keys are the user's, not the schema's.</summary>
    public FieldPath Key(string key) => new(this, $"[{key}]");

    public override string ToString() => _parent is null ? _segment : _parent + _segment;

    private bool IsRoot => _parent is null && _segment.Length == 0;
}
