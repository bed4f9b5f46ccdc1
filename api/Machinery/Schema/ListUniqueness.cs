using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Validation;

namespace ControlPlane.Api.Machinery.Schema;

/// <summary>Set lists hold each value once, map lists each key once.</summary>
internal static class ListUniqueness
{
    public static void Check(JsonArray items, ResourceSchema schema, FieldTrail trail, List<FieldError> errors)
    {
        if (items.Count < 2)
            return;
        var seen = schema.ListType switch
        {
            ListType.Set or ListType.Map => new HashSet<string>(items.Count, StringComparer.Ordinal),
            _ => null,
        };
        if (seen is null)
            return;
        for (var i = 0; i < items.Count; i++)
        {
            var key = schema.ListType == ListType.Set ? items[i] : KeyOf(items[i], schema);
            if (key is null || seen.Add(Canonical(key)))
                continue;
            trail.PushIndex(i);
            errors.Add(new FieldError(FieldErrorType.Duplicate, trail.ToString(), key.DeepClone(), ""));
            trail.Pop();
        }
    }

    private static JsonObject? KeyOf(JsonNode? item, ResourceSchema schema)
    {
        if (item is not JsonObject fields)
            return null;
        var key = new JsonObject();
        foreach (var name in schema.ListMapKeys)
        {
            if (fields.TryGetPropertyValue(name, out var value) && value is not null)
                key[name] = value.DeepClone();
        }
        // An item without any of its keys has its missing keys reported as required, not as duplicates of each other.
        return key.Count == 0 ? null : key;
    }

    private static string Canonical(JsonNode node) =>
        JsonNumbers.TryGetInt64(node, out var integer) ? integer.ToString(System.Globalization.CultureInfo.InvariantCulture) : node.ToJsonString();
}
