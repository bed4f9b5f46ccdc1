using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Schema;

namespace ControlPlane.Api.Machinery.Apply;

/// <summary>Puts an applied configuration over an object: what it says wins, what it does not say stays.</summary>
internal static class StructuredMerge
{
    /// <summary>The merged object; the arguments are not changed.</summary>
    public static JsonObject Merge(JsonObject live, JsonObject applied, ResourceSchema schema)
    {
        var result = (JsonObject)live.DeepClone();
        MergeFields(result, applied, schema);
        return result;
    }

    private static void MergeFields(JsonObject target, JsonObject applied, ResourceSchema? schema)
    {
        foreach (var (name, value) in applied)
        {
            var field = schema?.Field(name);
            target.TryGetPropertyValue(name, out var current);
            var merged = MergeValue(current, value, field);
            if (merged is null || !ReferenceEquals(merged, current))
                target[name] = merged;
        }
    }

    /// <summary>Either <paramref name="current"/>, changed in place, or a new node.</summary>
    private static JsonNode? MergeValue(JsonNode? current, JsonNode? applied, ResourceSchema? schema)
    {
        if (current is null || applied is null)
            return applied?.DeepClone();
        var before = Tracking.ShapeOf(current, schema);
        if (before == TrackedShape.Leaf || before != Tracking.ShapeOf(applied, schema))
            return applied.DeepClone();
        if (before == TrackedShape.Fields)
            MergeFields((JsonObject)current, (JsonObject)applied, schema);
        else
            MergeItems((JsonArray)current, (JsonArray)applied, schema!);
        return current;
    }

    private static void MergeItems(JsonArray target, JsonArray applied, ResourceSchema schema)
    {
        var before = ItemIndex.Of(target, schema);
        var after = ItemIndex.Of(applied, schema);
        var liveItems = target.ToArray();
        target.Clear();
        var order = new ItemOrder(before, after);
        while (order.TryNext(out var livePosition, out var appliedPosition))
        {
            if (appliedPosition < 0)
            {
                target.Add(liveItems[livePosition]);
                continue;
            }
            var item = applied[appliedPosition];
            // Of items that live holds twice, which one was meant is unknowable: the applied one replaces both.
            var current = before.Items.TryGetValue(after.Elements[appliedPosition]!, out var same) && same.Count == 1 ? same[0] : null;
            target.Add(MergeValue(current, item, schema.Items));
        }
    }
}
