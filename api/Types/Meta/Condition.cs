using ControlPlane.Api.Schema;

namespace ControlPlane.Api.Meta;

/// <summary>One aspect of an object's state, with the reason in words for programs and for people.</summary>
public sealed record Condition
{
    /// <summary>Name of the aspect, e.g. Available.</summary>
    [Length(1, 316)]
    public required string Type { get; init; }

    /// <summary>True, False or Unknown.</summary>
    [Allowed("True", "False", "Unknown")]
    public required string Status { get; init; }

    /// <summary>Generation of the spec that this was computed from.</summary>
    [Minimum(0)]
    public long? ObservedGeneration { get; init; }

    /// <summary>When status last changed.</summary>
    public DateTimeOffset? LastTransitionTime { get; init; }

    /// <summary>CamelCase reason for programs.</summary>
    [Length(0, 1024)]
    public string? Reason { get; init; }

    /// <summary>A sentence for people.</summary>
    [Length(0, 32768)]
    public string? Message { get; init; }
}
