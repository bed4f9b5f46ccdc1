using System.Text.Json;
using System.Text.Json.Nodes;

namespace ControlPlane.Api.Machinery.Json;

/// <summary>Reading and comparing object trees without going through text.</summary>
public static class JsonTree
{
    /// <summary>The node's string, or null when it is anything but a string.</summary>
    public static string? AsString(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    /// <summary>The property's string, or null when absent or anything but a string.</summary>
    public static string? GetString(this JsonObject node, string name) =>
        node.TryGetPropertyValue(name, out var value) ? AsString(value) : null;

    /// <summary>The property's object, or null when absent or anything but an object.</summary>
    public static JsonObject? GetObject(this JsonObject node, string name) =>
        node.TryGetPropertyValue(name, out var value) ? value as JsonObject : null;

    /// <summary>The property's array, or null when absent or anything but an array.</summary>
    public static JsonArray? GetArray(this JsonObject node, string name) =>
        node.TryGetPropertyValue(name, out var value) ? value as JsonArray : null;

    /// <summary>The JSON kind of a node; a null reference is JSON null.</summary>
    public static JsonValueKind KindOf(JsonNode? node) => node switch
    {
        null => JsonValueKind.Null,
        JsonObject => JsonValueKind.Object,
        JsonArray => JsonValueKind.Array,
        _ => node.GetValueKind(),
    };

    /// <summary>Whether two trees mean the same: property order and number spelling do not count.</summary>
    public static bool DeepEquals(JsonNode? left, JsonNode? right)
    {
        if (ReferenceEquals(left, right))
            return true;
        return (left, right) switch
        {
            (JsonObject a, JsonObject b) => ObjectsEqual(a, b),
            (JsonArray a, JsonArray b) => ArraysEqual(a, b),
            (JsonValue a, JsonValue b) => ScalarsEqual(a, b),
            _ => false,
        };
    }

    private static bool ObjectsEqual(JsonObject left, JsonObject right)
    {
        if (left.Count != right.Count)
            return false;
        foreach (var (name, value) in left)
        {
            if (!right.TryGetPropertyValue(name, out var other) || !DeepEquals(value, other))
                return false;
        }
        return true;
    }

    private static bool ArraysEqual(JsonArray left, JsonArray right)
    {
        if (left.Count != right.Count)
            return false;
        for (var i = 0; i < left.Count; i++)
        {
            if (!DeepEquals(left[i], right[i]))
                return false;
        }
        return true;
    }

    private static bool ScalarsEqual(JsonValue left, JsonValue right)
    {
        var kind = left.GetValueKind();
        if (kind != right.GetValueKind())
            return false;
        return kind switch
        {
            JsonValueKind.String => string.Equals(TextOf(left), TextOf(right), StringComparison.Ordinal),
            JsonValueKind.Number => NumbersEqual(left, right),
            _ => true,
        };
    }

    // Values made by code may hold a DateTime, Guid or char, which are strings only once written.
    private static string TextOf(JsonValue value) =>
        value.TryGetValue(out string? text) ? text : JsonSerializer.Deserialize<string>(value.ToJsonString())!;

    private static bool NumbersEqual(JsonValue left, JsonValue right)
    {
        if (JsonNumbers.TryGetInt64(left, out var a) && JsonNumbers.TryGetInt64(right, out var b))
            return a == b;
        return JsonNumbers.TryGetDouble(left, out var x) && JsonNumbers.TryGetDouble(right, out var y) && x.Equals(y);
    }
}
