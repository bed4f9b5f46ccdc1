using System.Text.Json.Nodes;

namespace ControlPlane.Api.Machinery.Schema;

/// <summary>Fills in what the schema says about absent fields, from the top down so that a default may bring fields with defaults.
/// A null where null is not allowed counts as absent: it is replaced by the default or removed.</summary>
public static class Defaulter
{
    public static void Apply(JsonObject node, ResourceSchema schema)
    {
        if (!schema.ChangesOnDefaulting)
            return;
        List<string>? nulls = null;
        foreach (var (name, value) in node)
        {
            var field = schema.Field(name);
            if (field is null)
                continue;
            if (value is null)
            {
                if (!field.Nullable && !field.IsOpaque)
                    (nulls ??= []).Add(name);
            }
            else
            {
                ApplyInside(value, field);
            }
        }
        RemoveNulls(node, nulls);
        AddMissing(node, schema);
    }

    private static void RemoveNulls(JsonObject node, List<string>? nulls)
    {
        foreach (var name in nulls ?? [])
            node.Remove(name);
    }

    private static void AddMissing(JsonObject node, ResourceSchema schema)
    {
        foreach (var (name, field) in schema.Properties.Span)
        {
            if (field.Default is null || node.ContainsKey(name))
                continue;
            var value = field.Default.DeepClone();
            ApplyInside(value, field);
            node[name] = value;
        }
    }

    private static void ApplyInside(JsonNode value, ResourceSchema schema)
    {
        switch (value)
        {
            case JsonObject child:
                Apply(child, schema);
                break;
            case JsonArray items when schema.Items is { } itemSchema && itemSchema.ChangesOnDefaulting:
                foreach (var item in items)
                {
                    if (item is not null)
                        ApplyInside(item, itemSchema);
                }
                break;
        }
    }
}
