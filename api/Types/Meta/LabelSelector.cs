using ControlPlane.Api.Schema;

namespace ControlPlane.Api.Meta;

/// <summary>Which labels an object must have. All requirements must hold; an empty selector matches everything.</summary>
[Atomic]
public sealed record LabelSelector
{
    /// <summary>Labels with exactly these values.</summary>
    public IReadOnlyDictionary<string, string> MatchLabels { get; init; } = Empty.StringMap;

    /// <summary>Requirements by set.</summary>
    public IReadOnlyList<LabelSelectorRequirement> MatchExpressions { get; init; } = [];
}

/// <summary>One requirement of a selector.</summary>
public sealed record LabelSelectorRequirement
{
    /// <summary>Label key.</summary>
    public required string Key { get; init; }

    /// <summary>In, NotIn, Exists or DoesNotExist.</summary>
    [Allowed("In", "NotIn", "Exists", "DoesNotExist")]
    public required string Operator { get; init; }

    /// <summary>Values for In and NotIn.</summary>
    public IReadOnlyList<string> Values { get; init; } = [];
}
