using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Platform.V1;
using ControlPlane.Api.Serialization;

namespace ControlPlane.Controllers.Scheduling.Constraints;

/// <summary>
/// One placement constraint, ready to be asked. The seven operators and their edge cases are Marathon's, except that GROUP_BY without a
/// value spreads over the values that the nodes have.
/// </summary>
internal sealed class NodeConstraint
{
    private static readonly TimeSpan RegexPatience = TimeSpan.FromMilliseconds(100);
    private readonly PlacementConstraint _constraint;
    private readonly Regex? _pattern;
    private readonly int? _number;

    public NodeConstraint(PlacementConstraint constraint)
    {
        _constraint = constraint;
        _number = int.TryParse(constraint.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        if (constraint.Operator is "LIKE" or "UNLIKE")
            _pattern = Compile(constraint.Value);
        Description = $"constraint {constraint.Field} {constraint.Operator}{(constraint.Value is { } value ? " " + value : "")}";
    }

    /// <summary>Name of the field.</summary>
    public string Field => _constraint.Field;

    /// <summary>For sentences.</summary>
    public string Description { get; }

    /// <summary>The constraints that a pod carries.</summary>
    public static IReadOnlyList<NodeConstraint> Of(Pod pod)
    {
        if (!pod.Metadata.Annotations.TryGetValue(WellKnownAnnotations.Constraints, out var json))
            return [];
        try
        {
            return [.. JsonSerializer.Deserialize<PlacementConstraint[]>(json, ApiJson.Options)!.Select(static constraint => new NodeConstraint(constraint))];
        }
        catch (JsonException)
        {
            // A pod that somebody else annotated: a constraint that cannot be read must not be taken for none.
            return [new NodeConstraint(new PlacementConstraint { Field = WellKnownAnnotations.Constraints, Operator = "unreadable" })];
        }
    }

    /// <summary>Whether an instance may go where the field has this value.</summary>
    /// <param name="value">The node's value, or <c>null</c>. Only UNLIKE holds for a node without one.</param>
    /// <param name="placement">Where the app's other instances are.</param>
    public bool Allows(string? value, Placement placement)
    {
        if (value is null)
            return _constraint.Operator == "UNLIKE";
        return _constraint.Operator switch
        {
            "UNIQUE" => placement.CountOf(value) == 0,
            "CLUSTER" => value == (_constraint.Value ?? placement.First ?? value),
            "GROUP_BY" => AllowsGroup(value, placement),
            "MAX_PER" => _number is { } most && placement.CountOf(value) < most,
            "IS" => Normalize(value) == Normalize(_constraint.Value ?? ""),
            "LIKE" => _pattern?.IsMatch(value) == true,
            "UNLIKE" => _pattern?.IsMatch(value) == false,
            _ => false,
        };
    }

    /// <summary>
    /// Each of N values gets its even share; the remainder is handed out one by one, and no value beyond the Nth is used.
    /// </summary>
    private bool AllowsGroup(string value, Placement placement)
    {
        var groups = _number is > 0 and var wanted ? wanted : Math.Max(1, placement.DistinctValues);
        var count = placement.CountOf(value);
        if (count == 0)
            return placement.Counts.Count < groups;
        var (share, remainder) = Math.DivRem(placement.GroupSize, groups);
        return count < share || (count == share && remainder - placement.Counts.Values.Sum(other => Math.Max(0, other - share)) > 0);
    }

    /// <summary>Numbers compare to three decimals, rounded half to even; everything else as it is.</summary>
    private static string Normalize(string text) =>
        decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            ? Math.Round(number, 3, MidpointRounding.ToEven).ToString("0.###", CultureInfo.InvariantCulture)
            : text;

    private static Regex? Compile(string? pattern)
    {
        try
        {
            return pattern is null ? null : new Regex($"^(?:{pattern})$", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, RegexPatience);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            // The API refuses such a pattern; one that got here some other way allows nothing.
            return null;
        }
    }
}
