using System.Globalization;
using System.Text.Json.Nodes;

namespace ControlPlane.Api.Server.Printing;

/// <summary>The JSON paths that columns use: <c>.status.conditions[0].type</c>, <c>.ports[*].port</c>, <c>['a.b']</c>, <c>[?(@.type=="Ready")]</c>.</summary>
internal sealed class SimplePath
{
    private readonly Step[] _steps;

    private SimplePath(Step[] steps) => _steps = steps;

    /// <exception cref="FormatException">The path is of another kind.</exception>
    public static SimplePath Parse(string text)
    {
        var steps = new List<Step>();
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            if (rest[0] == '.')
            {
                rest = rest[1..];
                var end = rest.IndexOfAny('.', '[');
                var name = end < 0 ? rest : rest[..end];
                if (!name.IsEmpty)
                    steps.Add(name is "*" ? new Step(StepKind.All, "", "") : new Step(StepKind.Field, name.ToString().Replace("\\", "", StringComparison.Ordinal), ""));
                rest = end < 0 ? [] : rest[end..];
            }
            else
            {
                var end = rest.IndexOf(']');
                if (rest[0] != '[' || end < 0)
                    throw new FormatException($"\"{text}\" is no JSON path of a column.");
                steps.Add(Bracket(rest[1..end].ToString(), text));
                rest = rest[(end + 1)..];
            }
        }
        return new SimplePath([.. steps]);
    }

    public IReadOnlyList<JsonNode> Find(JsonNode root)
    {
        IEnumerable<JsonNode> found = [root];
        foreach (var step in _steps)
            found = found.SelectMany(step.Apply);
        return [.. found];
    }

    private static Step Bracket(string inside, string text)
    {
        if (inside == "*")
            return new Step(StepKind.All, "", "");
        if (int.TryParse(inside, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
            return new Step(StepKind.Index, inside, "");
        if (inside.StartsWith('\'') || inside.StartsWith('"'))
            return new Step(StepKind.Field, inside[1..^1], "");
        if (inside.StartsWith("?(@.", StringComparison.Ordinal) && inside.EndsWith(')') && inside.Split("==") is [var left, var right])
            return new Step(StepKind.Where, left[4..].Trim(), right[..^1].Trim().Trim('"', '\''));
        throw new FormatException($"\"{text}\" is no JSON path of a column.");
    }

    private enum StepKind
    {
        Field,
        Index,
        All,
        Where,
    }

    private sealed record Step(StepKind Kind, string Name, string Value)
    {
        public IEnumerable<JsonNode> Apply(JsonNode node) => Kind switch
        {
            StepKind.Field => node is JsonObject owner && owner[Name] is { } value ? [value] : [],
            StepKind.Index => node is JsonArray items && At(items) is { } item ? [item] : [],
            StepKind.All => node switch
            {
                JsonArray items => items.OfType<JsonNode>(),
                JsonObject owner => owner.Select(p => p.Value).OfType<JsonNode>(),
                _ => [],
            },
            _ => node is JsonArray candidates ? candidates.OfType<JsonObject>().Where(c => c[Name]?.ToString() == Value) : [],
        };

        private JsonNode? At(JsonArray items)
        {
            var index = int.Parse(Name, CultureInfo.InvariantCulture);
            index = index < 0 ? items.Count + index : index;
            return index >= 0 && index < items.Count ? items[index] : null;
        }
    }
}
