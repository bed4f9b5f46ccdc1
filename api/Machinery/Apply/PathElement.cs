using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Schema;

namespace ControlPlane.Api.Machinery.Apply;

/// <summary>Makes the elements of paths. Equal elements have equal text: keys are ordered, numbers and escapes written one way.</summary>
internal static class PathElement
{
    public const string Self = ".";

    private const int Slots = 1024;

    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // The few hundred field names of an API come up on every write: a lossy table spares making their elements again. Races are harmless.
    private static readonly string?[] FieldElements = new string?[Slots];

    public static string Field(string name)
    {
        ref var slot = ref FieldElements[(uint)name.GetHashCode(StringComparison.Ordinal) % Slots];
        var known = slot;
        if (known is not null && known.AsSpan(2).SequenceEqual(name))
            return known;
        return slot = "f:" + name;
    }

    public static string Value(JsonNode? value) => "v:" + Text(value);

    /// <summary>An item of a set or map list. Null when the item has none of its keys, or is no object although the list is a map.</summary>
    public static string? Item(JsonNode? item, ResourceSchema list)
    {
        if (list.ListType == ListType.Set)
            return Value(item);
        if (item is not JsonObject fields)
            return null;
        var text = new StringBuilder("k:{");
        foreach (var name in Ordered(list.ListMapKeys))
        {
            var value = KeyOf(fields, name, list.Items);
            if (value is null)
                continue;
            if (text.Length > 3)
                text.Append(',');
            text.Append(Quote(name)).Append(':').Append(Text(value));
        }
        return text.Length == 3 ? null : text.Append('}').ToString();
    }

    /// <summary>The key's value, or its default where the item leaves it out.</summary>
    public static JsonNode? KeyOf(JsonObject item, string name, ResourceSchema? itemSchema) =>
        item.TryGetPropertyValue(name, out var value) && value is not null ? value : itemSchema?.Field(name)?.Default;

    public static string Text(JsonNode? value)
    {
        if (JsonTree.AsString(value) is { } text)
            return Quote(text);
        return JsonNumbers.TryGetInt64(value, out var integer)
            ? integer.ToString(System.Globalization.CultureInfo.InvariantCulture)
            : value?.ToJsonString(Compact) ?? "null";
    }

    // Names and ports are nearly all plain ASCII, which needs no serializer to quote.
    private static string Quote(string text) =>
        text.AsSpan().ContainsAnyExceptInRange(' ', '~') || text.AsSpan().ContainsAny('"', '\\') ? JsonSerializer.Serialize(text, Compact) : $"\"{text}\"";

    /// <summary>An element somebody else wrote, in our spelling; null when it is none.</summary>
    public static string? Normalize(string element)
    {
        if (element.Length < 2 || element[1] != ':')
            return null;
        switch (element[0])
        {
            case 'f':
                return element;
            case 'i':
                return int.TryParse(element.AsSpan(2), out _) ? element : null;
            case 'k' or 'v':
                return NormalizeJson(element);
            default:
                return null;
        }
    }

    private static string? NormalizeJson(string element)
    {
        try
        {
            var value = StrictJson.Parse(Encoding.UTF8.GetBytes(element[2..])).Root;
            if (element[0] == 'v')
                return Value(value);
            if (value is not JsonObject keys)
                return null;
            var ordered = keys.OrderBy(key => key.Key, StringComparer.Ordinal).Select(key => $"{Quote(key.Key)}:{Text(key.Value)}");
            return "k:{" + string.Join(',', ordered) + "}";
        }
        catch (DecodeException)
        {
            // Not an element at all: the caller discards the whole entry.
            return null;
        }
    }

    private static IEnumerable<string> Ordered(IReadOnlyList<string> keys) => keys.Count == 1 ? keys : keys.Order(StringComparer.Ordinal);
}
