using ControlPlane.Api.Schema;

namespace ControlPlane.Api.Core.V1;

/// <summary>An object somewhere in the API.</summary>
[Atomic]
public sealed record ObjectReference
{
    /// <summary>API version.</summary>
    public string? ApiVersion { get; init; }

    /// <summary>Kind.</summary>
    public string? Kind { get; init; }

    /// <summary>Name.</summary>
    public string? Name { get; init; }

    /// <summary>Namespace.</summary>
    public string? Namespace { get; init; }

    /// <summary>UID.</summary>
    public string? Uid { get; init; }

    /// <summary>Version of the object that is meant.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>Part of the object that is meant, e.g. spec.containers{web}.</summary>
    public string? FieldPath { get; init; }
}

/// <summary>An object of the same namespace.</summary>
[Atomic]
public sealed record LocalObjectReference
{
    /// <summary>Name.</summary>
    public string? Name { get; init; }
}
