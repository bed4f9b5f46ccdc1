using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Schema;

namespace ControlPlane.Api.Machinery.Apply;

/// <summary>Removes what a manager applied last time and does not apply now, unless somebody else owns it. What nobody owns (defaults)
/// stays, except inside something removed.</summary>
internal static class Pruning
{
    /// <param name="merged">Changed in place.</param>
    /// <param name="last">What the manager owned.</param>
    /// <param name="owned">What all managers own now, this one's new configuration included.</param>
    /// <param name="schema">Schema of the object.</param>
    public static void Prune(JsonObject merged, FieldSet last, FieldSet owned, ResourceSchema schema) =>
        Fields(merged, last, owned, schema, isRoot: true);

    private static void Fields(JsonObject target, FieldSet last, FieldSet owned, ResourceSchema? schema, bool isRoot = false)
    {
        foreach (var (element, before) in last.Children)
        {
            if (!element.StartsWith("f:", StringComparison.Ordinal))
                continue;
            var name = element[2..];
            if (!target.TryGetPropertyValue(name, out var value))
                continue;
            var isDeclared = schema is not null && schema.Properties.Contains(name);
            // Metadata holds the object's identity, which is nobody's: it never goes as a whole.
            if (IsGone(element, before, owned, isDeclared, out var now) && !(isRoot && name == "metadata"))
                target.Remove(name);
            else
                Inside(value, before, now, schema?.Field(name));
        }
    }

    private static void Items(JsonArray target, FieldSet last, FieldSet owned, ResourceSchema schema)
    {
        for (var i = target.Count - 1; i >= 0; i--)
        {
            if (PathElement.Item(target[i], schema) is not { } element || !last.TryGetChild(element, out var before))
                continue;
            if (IsGone(element, before, owned, isDeclared: false, out var now))
                target.RemoveAt(i);
            else
                Inside(target[i], before, now, schema.Items);
        }
    }

    private static void Inside(JsonNode? value, FieldSet last, FieldSet owned, ResourceSchema? schema)
    {
        switch (Tracking.ShapeOf(value, schema))
        {
            case TrackedShape.Fields:
                Fields((JsonObject)value!, last, owned, schema);
                break;
            case TrackedShape.Items:
                Items((JsonArray)value!, last, owned, schema!);
                break;
        }
    }

    // A declared field counts as owned by whoever owns anything in it: it is a part of the kind's shape, not a thing of its own.
    private static bool IsGone(string element, FieldSet last, FieldSet owned, bool isDeclared, out FieldSet now)
    {
        var isOwned = owned.TryGetChild(element, out var found) && (found.IsMember || (isDeclared && found.HasChildren));
        now = found ?? new FieldSet();
        return (last.IsMember || (isDeclared && last.HasChildren)) && !isOwned;
    }
}
