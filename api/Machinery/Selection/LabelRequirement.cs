using System.Collections.Frozen;
using System.Globalization;
using ControlPlane.Api.Machinery.Validation;

namespace ControlPlane.Api.Machinery.Selection;

/// <summary>One term of a label selector.</summary>
public sealed class LabelRequirement
{
    private readonly FrozenSet<string> _values;
    private readonly long _bound;

    private LabelRequirement(string key, LabelOperator op, FrozenSet<string> values, long bound)
    {
        Key = key;
        Operator = op;
        _values = values;
        _bound = bound;
    }

    public string Key { get; }
    public LabelOperator Operator { get; }

    /// <summary>Ordered, without repetition. Empty for <see cref="LabelOperator.Exists"/> and <see cref="LabelOperator.DoesNotExist"/>.</summary>
    public IReadOnlyList<string> Values => [.. _values.Order(StringComparer.Ordinal)];

    /// <exception cref="SelectorException">The key or a value is no label, or their number does not suit the operator.</exception>
    public static LabelRequirement Create(string key, LabelOperator op, IReadOnlyCollection<string> values)
    {
        ValidateKey(key);
        ValidateCount(op, values.Count);
        var bound = 0L;
        if (op is LabelOperator.GreaterThan or LabelOperator.LessThan && !TryParseInteger(values.First(), out bound))
            throw new SelectorException($"values[0][{key}]: Invalid value: {Quote(values.First())}: for 'Gt', 'Lt' operators, the value must be an integer");
        ValidateValues(key, values);
        return new LabelRequirement(key, op, values.ToFrozenSet(StringComparer.Ordinal), bound);
    }

    /// <param name="value">The label's value, or null when the object does not have the label.</param>
    public bool Matches(string? value) => Operator switch
    {
        LabelOperator.Exists => value is not null,
        LabelOperator.DoesNotExist => value is null,
        LabelOperator.Equals or LabelOperator.In => value is not null && _values.Contains(value),
        LabelOperator.NotEquals or LabelOperator.NotIn => value is null || !_values.Contains(value),
        LabelOperator.GreaterThan => TryParseInteger(value, out var number) && number > _bound,
        _ => TryParseInteger(value, out var number) && number < _bound,
    };

    public override string ToString() => Operator switch
    {
        LabelOperator.Exists => Key,
        LabelOperator.DoesNotExist => "!" + Key,
        LabelOperator.Equals => $"{Key}={Values[0]}",
        LabelOperator.NotEquals => $"{Key}!={Values[0]}",
        LabelOperator.GreaterThan => $"{Key}>{Values[0]}",
        LabelOperator.LessThan => $"{Key}<{Values[0]}",
        LabelOperator.In => $"{Key} in ({string.Join(',', Values)})",
        _ => $"{Key} notin ({string.Join(',', Values)})",
    };

    internal static void ValidateKey(string key)
    {
        if (Names.LabelKeyProblem(key) is { } problem)
            throw new SelectorException($"key: Invalid value: {Quote(key)}: {problem}");
    }

    private static void ValidateValues(string key, IReadOnlyCollection<string> values)
    {
        var position = 0;
        foreach (var value in values)
        {
            if (Names.LabelValueProblem(value) is { } problem)
                throw new SelectorException(string.Create(CultureInfo.InvariantCulture, $"values[{position}][{key}]: Invalid value: {Quote(value)}: {problem}"));
            position++;
        }
    }

    private static void ValidateCount(LabelOperator op, int count)
    {
        var problem = op switch
        {
            LabelOperator.In or LabelOperator.NotIn when count == 0 => "for 'in', 'notin' operators, values set can't be empty",
            LabelOperator.Equals or LabelOperator.NotEquals when count != 1 => "exact-match compatibility requires one single value",
            LabelOperator.Exists or LabelOperator.DoesNotExist when count != 0 => "values set must be empty for exists and does not exist",
            LabelOperator.GreaterThan or LabelOperator.LessThan when count != 1 => "for 'Gt', 'Lt' operators, exactly one value is required",
            _ => null,
        };
        if (problem is not null)
            throw new SelectorException($"values: Invalid value: []: {problem}");
    }

    private static bool TryParseInteger(string? text, out long number) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);

    private static string Quote(string text) => $"\"{text}\"";
}
