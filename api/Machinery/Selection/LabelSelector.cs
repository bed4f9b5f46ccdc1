using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;

namespace ControlPlane.Api.Machinery.Selection;

/// <summary>A parsed label selector; every requirement must hold. Immutable and cheap to evaluate, made once per request or watch.</summary>
public sealed class LabelSelector
{
    private readonly LabelRequirement[] _requirements;
    private readonly bool _matchesNothing;

    private LabelSelector(LabelRequirement[] requirements, bool matchesNothing = false)
    {
        _requirements = requirements;
        _matchesNothing = matchesNothing;
    }

    public static LabelSelector Everything { get; } = new([]);
    public static LabelSelector Nothing { get; } = new([], matchesNothing: true);

    public IReadOnlyList<LabelRequirement> Requirements => _requirements;

    public bool IsEverything => _requirements.Length == 0 && !_matchesNothing;

    /// <summary>Reads the query form: <c>app=x,tier in (a,b),!z,n&gt;5</c>. Empty selects everything.</summary>
    /// <exception cref="SelectorException">The text does not parse.</exception>
    public static LabelSelector Parse(string? text) =>
        string.IsNullOrEmpty(text) ? Everything : FromRequirements(new LabelSelectorParser(text).Parse());

    public static LabelSelector FromRequirements(IEnumerable<LabelRequirement> requirements) =>
        new([.. requirements.OrderBy(requirement => requirement.Key, StringComparer.Ordinal)]);

    /// <summary>Reads the object form, <c>{matchLabels, matchExpressions}</c>. No object selects nothing, an empty one everything.</summary>
    /// <exception cref="SelectorException">An expression has an unknown operator, or a key or value is no label.</exception>
    public static LabelSelector FromObject(JsonObject? selector)
    {
        if (selector is null)
            return Nothing;
        var requirements = new List<LabelRequirement>();
        foreach (var (key, value) in selector.GetObject("matchLabels") ?? [])
            requirements.Add(LabelRequirement.Create(key, LabelOperator.Equals, [JsonTree.AsString(value) ?? ""]));
        foreach (var item in selector.GetArray("matchExpressions") ?? [])
        {
            if (item is not JsonObject expression)
                throw new SelectorException("matchExpressions must hold objects");
            var values = (expression.GetArray("values") ?? []).Select(value => JsonTree.AsString(value) ?? "").ToArray();
            requirements.Add(LabelRequirement.Create(expression.GetString("key") ?? "", ParseOperator(expression.GetString("operator")), values));
        }
        return FromRequirements(requirements);
    }

    public bool Matches(JsonObject? labels)
    {
        foreach (var requirement in _requirements)
        {
            if (!requirement.Matches(labels?.GetString(requirement.Key)))
                return false;
        }
        return !_matchesNothing;
    }

    public bool Matches(IReadOnlyDictionary<string, string>? labels)
    {
        foreach (var requirement in _requirements)
        {
            if (!requirement.Matches(labels?.GetValueOrDefault(requirement.Key)))
                return false;
        }
        return !_matchesNothing;
    }

    /// <summary>The query form, as in a scale's <c>status.selector</c>.</summary>
    public override string ToString() => string.Join(',', _requirements.Select(requirement => requirement.ToString()));

    private static LabelOperator ParseOperator(string? text) => text switch
    {
        "In" => LabelOperator.In,
        "NotIn" => LabelOperator.NotIn,
        "Exists" => LabelOperator.Exists,
        "DoesNotExist" => LabelOperator.DoesNotExist,
        _ => throw new SelectorException($"\"{text}\" is not a valid label selector operator"),
    };
}
