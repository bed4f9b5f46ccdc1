using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Validation;

namespace ControlPlane.Api.Machinery.Schema;

/// <summary>The keywords that constrain strings and numbers.</summary>
internal static class ScalarChecks
{
    public static void Text(JsonValue node, ResourceSchema schema, FieldTrail trail, List<FieldError> errors)
    {
        var text = JsonTree.AsString(node) ?? JsonSerializer.Deserialize<string>(node.ToJsonString())!;
        if (schema.MinLength is { } min && Runes(text) < min)
            Add(errors, trail, node, $"{trail} in body should be at least {min} chars long");
        if (schema.MaxLength is { } max && text.Length > max && Runes(text) > max)
            errors.Add(FieldError.TooLong(trail.ToString(), max));
        if (schema.CompiledPattern is { } pattern && !pattern.IsMatch(text))
            Add(errors, trail, node, $"{trail} in body should match '{schema.Pattern}'");
        if (schema.Format is { } format && !Formats.IsValid(format, text))
            Add(errors, trail, node, $"{trail} in body must be of type {format}: {JsonSerializer.Serialize(text)}");
    }

    public static void Number(JsonValue node, ResourceSchema schema, FieldTrail trail, List<FieldError> errors)
    {
        JsonNumbers.TryGetDouble(node, out var value);
        if (schema.Minimum is { } min && (schema.ExclusiveMinimum ? value <= min : value < min))
            Add(errors, trail, node, Bound(trail, schema.ExclusiveMinimum ? "greater than" : "greater than or equal to", min));
        if (schema.Maximum is { } max && (schema.ExclusiveMaximum ? value >= max : value > max))
            Add(errors, trail, node, Bound(trail, schema.ExclusiveMaximum ? "less than" : "less than or equal to", max));
        if (schema.MultipleOf is { } factor && !IsMultiple(value, factor))
            Add(errors, trail, node, Bound(trail, "a multiple of", factor));
        if (schema.Format == "int32" && value is < int.MinValue or > int.MaxValue)
            Add(errors, trail, node, $"{trail} in body must be of type int32: {node.ToJsonString()}");
    }

    private static string Bound(FieldTrail trail, string relation, double bound) =>
        string.Create(CultureInfo.InvariantCulture, $"{trail} in body should be {relation} {bound}");

    private static bool IsMultiple(double value, double factor)
    {
        var quotient = value / factor;
        return Math.Abs(quotient - Math.Round(quotient)) <= 1e-9 * Math.Max(1, Math.Abs(quotient));
    }

    private static long Runes(string text)
    {
        var count = 0L;
        foreach (var _ in text.EnumerateRunes())
            count++;
        return count;
    }

    private static void Add(List<FieldError> errors, FieldTrail trail, JsonValue node, string detail) =>
        errors.Add(new FieldError(FieldErrorType.Invalid, trail.ToString(), node.DeepClone(), detail));
}
