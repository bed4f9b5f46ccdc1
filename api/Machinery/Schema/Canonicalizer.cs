using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;

namespace ControlPlane.Api.Machinery.Schema;

/// <summary>Brings times and quantities into their canonical text. What does not parse is left for validation to name.</summary>
public static class Canonicalizer
{
    public static void Apply(JsonObject node, ResourceSchema schema)
    {
        if (!schema.HasCanonicalForms)
            return;
        List<KeyValuePair<string, string>>? changes = null;
        foreach (var (name, value) in node)
        {
            if (value is null || schema.Field(name) is not { HasCanonicalForms: true } field)
                continue;
            if (Rewrite(value, field) is { } text)
                (changes ??= []).Add(new(name, text));
        }
        foreach (var (name, text) in changes ?? [])
            node[name] = text;
    }

    /// <summary>The new text of a scalar that is not canonical, or null; containers are rewritten in place.</summary>
    private static string? Rewrite(JsonNode value, ResourceSchema schema)
    {
        switch (value)
        {
            case JsonObject child:
                Apply(child, schema);
                return null;
            case JsonArray items when schema.Items is { HasCanonicalForms: true } itemSchema:
                for (var i = 0; i < items.Count; i++)
                {
                    if (items[i] is { } item && Rewrite(item, itemSchema) is { } text)
                        items[i] = text;
                }
                return null;
            case JsonValue scalar:
                var canonical = schema.Form switch
                {
                    CanonicalForm.Time => Time(scalar, "yyyy-MM-dd'T'HH:mm:ss'Z'"),
                    CanonicalForm.MicroTime => Time(scalar, "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'"),
                    CanonicalForm.Quantity => Quantity(scalar),
                    _ => null,
                };
                return canonical == JsonTree.AsString(scalar) ? null : canonical;
            default:
                return null;
        }
    }

    private static string? Time(JsonValue value, string format)
    {
        if (JsonTree.AsString(value) is not { } text || !Formats.IsValid("date-time", text))
            return null;
        return DateTimeOffset.Parse(text, CultureInfo.InvariantCulture).UtcDateTime.ToString(format, CultureInfo.InvariantCulture);
    }

    private static string? Quantity(JsonValue value)
    {
        var text = value.GetValueKind() == JsonValueKind.Number ? value.ToJsonString() : JsonTree.AsString(value);
        return text is null ? null : QuantityText.Canonicalize(text);
    }
}
