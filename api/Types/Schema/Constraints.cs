namespace ControlPlane.Api.Schema;

// The constraints that a property's schema carries beside its type. SchemaFromType (api/Machinery) reads them;
// optionality comes from nullability, "required" from the keyword, the description from the doc comment.

/// <summary>The value of an absent field, as JSON, e.g. <c>1</c>, <c>"Always"</c>.</summary>
/// <param name="json">JSON text.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DefaultAttribute(string json) : Attribute
{
    /// <summary>JSON text.</summary>
    public string Json => json;
}

/// <summary>The smallest number allowed.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class MinimumAttribute(double value) : Attribute
{
    /// <summary>Inclusive, unless <see cref="Exclusive"/>.</summary>
    public double Value => value;

    /// <summary>Whether the value itself is not allowed.</summary>
    public bool Exclusive { get; init; }
}

/// <summary>The largest number allowed, inclusive.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class MaximumAttribute(double value) : Attribute
{
    /// <summary>Inclusive.</summary>
    public double Value => value;
}

/// <summary>RE2 pattern that a string, or each item of a list of strings, must contain.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PatternAttribute(string regex) : Attribute
{
    /// <summary>RE2 syntax.</summary>
    public string Regex => regex;
}

/// <summary>The only strings allowed.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AllowedAttribute(params string[] values) : Attribute
{
    /// <summary>In the order shown to users.</summary>
    public string[] Values => values;
}

/// <summary>Bounds of a string's length, in code points.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class LengthAttribute(int minimum, int maximum) : Attribute
{
    /// <summary>Inclusive.</summary>
    public int Minimum => minimum;

    /// <summary>Inclusive.</summary>
    public int Maximum => maximum;
}

/// <summary>Bounds of a list's length or a map's size.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ItemsAttribute(int minimum, int maximum) : Attribute
{
    /// <summary>Inclusive.</summary>
    public int Minimum => minimum;

    /// <summary>Inclusive.</summary>
    public int Maximum => maximum;
}

/// <summary>OpenAPI format, e.g. <c>byte</c>, where the type does not imply it.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FormatAttribute(string format) : Attribute
{
    /// <summary>Format name.</summary>
    public string Format => format;
}

/// <summary>A list whose items are merged by key: <c>x-kubernetes-list-type: map</c>, and the strategic merge key (the first key).</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ListMapAttribute(params string[] keys) : Attribute
{
    /// <summary>Names of the key fields.</summary>
    public string[] Keys => keys;

    /// <summary>Strategic merge key where it is not the first key.</summary>
    public string? PatchMergeKey { get; init; }
}

/// <summary>A list of distinct scalars: <c>x-kubernetes-list-type: set</c>, strategic merge as a union.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ListSetAttribute : Attribute;

/// <summary>A list or object that is replaced and owned whole: <c>x-kubernetes-list-type</c> or <c>-map-type: atomic</c>. Lists without an attribute are atomic.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class)]
public sealed class AtomicAttribute : Attribute;

/// <summary>An atomic list for server-side apply that strategic merge still merges by this key (Node taints, Pod tolerations differ this way upstream).</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PatchMergeAttribute(string key) : Attribute
{
    /// <summary>Name of the key field.</summary>
    public string Key => key;
}

/// <summary>Cannot change once the object exists; the error text is <c>field is immutable</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ImmutableFieldAttribute : Attribute;

/// <summary>Holds any JSON: <c>x-kubernetes-preserve-unknown-fields</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AnyJsonAttribute : Attribute;
