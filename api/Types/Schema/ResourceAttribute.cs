namespace ControlPlane.Api.Schema;

/// <summary>Whether a kind's objects live in a namespace.</summary>
public enum ResourceScope
{
    /// <summary>In a namespace.</summary>
    Namespaced,

    /// <summary>In none.</summary>
    Cluster,
}

/// <summary>Makes a record a kind of the API: where it is served and under which names.</summary>
/// <param name="group">API group; empty for the core group.</param>
/// <param name="version">API version, e.g. <c>v1</c>.</param>
/// <param name="kind">CamelCase kind.</param>
/// <param name="plural">Lower-case plural, as in URLs.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ResourceAttribute(string group, string version, string kind, string plural) : Attribute
{
    /// <summary>API group; empty for the core group.</summary>
    public string Group => group;

    /// <summary>API version.</summary>
    public string Version => version;

    /// <summary>CamelCase kind.</summary>
    public string Kind => kind;

    /// <summary>Lower-case plural, as in URLs.</summary>
    public string Plural => plural;

    /// <summary>Namespaced unless said otherwise.</summary>
    public ResourceScope Scope { get; init; }

    /// <summary>Abbreviations for the command line.</summary>
    public string[] ShortNames { get; init; } = [];

    /// <summary>Groups of kinds for the command line, e.g. <c>all</c>.</summary>
    public string[] Categories { get; init; } = [];

    /// <summary>Whether status is a subresource, written apart from the rest.</summary>
    public bool HasStatus { get; init; }

    /// <summary>Path of the desired number of instances, e.g. <c>.spec.instances</c>; set = the scale subresource is served.</summary>
    public string? ScaleSpecPath { get; init; }

    /// <summary>Path of the observed number of instances.</summary>
    public string? ScaleStatusPath { get; init; }

    /// <summary>Path of the selector string in status.</summary>
    public string? ScaleSelectorPath { get; init; }
}
