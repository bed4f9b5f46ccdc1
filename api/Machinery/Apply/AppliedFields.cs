using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Schema;

namespace ControlPlane.Api.Machinery.Apply;

/// <summary>The fields that an applied configuration sets, which are the fields its manager will own; and what in it does not fit the
/// schema, in the words that GitOps tools look for.</summary>
internal sealed class AppliedFields
{
    private readonly List<string> _problems = [];
    private readonly List<string> _trail = [];

    private AppliedFields()
    {
    }

    public FieldSet Set { get; private set; } = new();

    /// <summary>Null when everything fits.</summary>
    public string? Problem => _problems.Count switch
    {
        0 => null,
        1 => _problems[0],
        _ => "errors:\n  " + string.Join("\n  ", _problems),
    };

    public static AppliedFields Of(JsonObject applied, ResourceSchema schema)
    {
        var walker = new AppliedFields();
        foreach (var (name, value) in applied)
        {
            if (Tracking.IsUntrackedRoot(name))
                continue;
            if (name == "metadata" && value is JsonObject metadata)
                walker.Set.AttachUnlessEmpty("f:metadata", walker.Metadata(metadata, schema.Field(name)));
            else
                walker.Field(walker.Set, name, value, schema);
        }
        return walker;
    }

    private FieldSet Metadata(JsonObject metadata, ResourceSchema? schema)
    {
        var set = new FieldSet();
        _trail.Add("f:metadata");
        foreach (var (name, value) in metadata)
        {
            if (!Tracking.IsUntrackedMetadata(name))
                Field(set, name, value, schema);
        }
        _trail.RemoveAt(_trail.Count - 1);
        return set;
    }

    private void Field(FieldSet parent, string name, JsonNode? value, ResourceSchema? schema)
    {
        var element = PathElement.Field(name);
        var field = schema?.Field(name);
        _trail.Add(element);
        if (field is null && schema is { IsOpaque: false })
        {
            Report("field not declared in schema");
        }
        else
        {
            var set = Value(value, field);
            // An entry under a user's key exists by itself, and an empty object or list says that it should be there.
            if (value is null or JsonObject { Count: 0 } or JsonArray { Count: 0 } || schema is null || !schema.Properties.Contains(name))
                set.Join();
            parent.AttachUnlessEmpty(element, set);
        }
        _trail.RemoveAt(_trail.Count - 1);
    }

    private FieldSet Value(JsonNode? value, ResourceSchema? schema)
    {
        CheckType(value, schema);
        switch (Tracking.ShapeOf(value, schema))
        {
            case TrackedShape.Fields:
                var set = new FieldSet();
                foreach (var (name, child) in (JsonObject)value!)
                    Field(set, name, child, schema);
                return set;
            case TrackedShape.Items:
                return Items((JsonArray)value!, schema!);
            default:
                CheckInside(value, schema);
                return FieldSet.Leaf;
        }
    }

    private FieldSet Items(JsonArray items, ResourceSchema schema)
    {
        var set = new FieldSet();
        for (var i = 0; i < items.Count; i++)
        {
            if (MissingKey(items[i], schema) is { } problem)
            {
                Report(string.Create(CultureInfo.InvariantCulture, $"element {i}: {problem}"));
                continue;
            }
            var element = PathElement.Item(items[i], schema)!;
            if (set.TryGetChild(element, out _))
            {
                var shown = new StringBuilder();
                FieldPathText.Append(shown, element);
                Report($"duplicate entries for key {shown}");
                continue;
            }
            _trail.Add(element);
            var item = Value(items[i], schema.Items);
            item.Join();
            set.Attach(element, item);
            _trail.RemoveAt(_trail.Count - 1);
        }
        return set;
    }

    /// <summary>Atomic values are owned whole, but what is in them must still be declared.</summary>
    private void CheckInside(JsonNode? value, ResourceSchema? schema)
    {
        if (schema is null)
            return;
        switch (value)
        {
            case JsonObject fields:
                foreach (var (name, child) in fields)
                    Field(new FieldSet(), name, child, schema);
                break;
            case JsonArray items when schema.Items is not null:
                for (var i = 0; i < items.Count; i++)
                {
                    _trail.Add(string.Create(CultureInfo.InvariantCulture, $"i:{i}"));
                    Value(items[i], schema.Items);
                    _trail.RemoveAt(_trail.Count - 1);
                }
                break;
        }
    }

    private static string? MissingKey(JsonNode? item, ResourceSchema schema)
    {
        if (schema.ListType != ListType.Map)
            return null;
        if (item is null)
            return "associative list with keys may not have a null element";
        if (item is not JsonObject fields)
            return "associative list with keys may not have non-map elements";
        foreach (var key in schema.ListMapKeys)
        {
            if (PathElement.KeyOf(fields, key, schema.Items) is null)
                return $"associative list with keys has an element that omits key field \"{key}\" (and doesn't have default value)";
        }
        return null;
    }

    private void CheckType(JsonNode? value, ResourceSchema? schema)
    {
        if (value is null || schema is null || schema.IntOrString)
            return;
        var kind = JsonTree.KindOf(value);
        var expected = schema.Type switch
        {
            SchemaType.Object when kind != JsonValueKind.Object => "map",
            SchemaType.Array when kind != JsonValueKind.Array => "list",
            SchemaType.String when kind != JsonValueKind.String && !(schema.Form == CanonicalForm.Quantity && kind == JsonValueKind.Number) => "string",
            SchemaType.Integer or SchemaType.Number when kind != JsonValueKind.Number => "numeric (int or float)",
            SchemaType.Boolean when kind is not (JsonValueKind.True or JsonValueKind.False) => "boolean",
            _ => null,
        };
        if (expected is not null)
            Report($"expected {expected}, got {PathElement.Text(value)}");
    }

    private void Report(string problem) => _problems.Add($"{new FieldPathText([.. _trail])}: {problem}");
}
