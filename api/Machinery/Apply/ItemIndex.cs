using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Schema;

namespace ControlPlane.Api.Machinery.Apply;

/// <summary>The items of a set or map list by their path elements. Lists written before their schema knew better may hold duplicates.</summary>
internal sealed class ItemIndex
{
    private ItemIndex(Dictionary<string, List<JsonNode?>> items, string?[] elements)
    {
        Items = items;
        Elements = elements;
    }

    public Dictionary<string, List<JsonNode?>> Items { get; }

    /// <summary>Per position; null for an item that has no key.</summary>
    public string?[] Elements { get; }

    public static ItemIndex Of(JsonArray list, ResourceSchema schema)
    {
        var items = new Dictionary<string, List<JsonNode?>>(list.Count, StringComparer.Ordinal);
        var elements = new string?[list.Count];
        for (var i = 0; i < elements.Length; i++)
        {
            var item = list[i];
            if (PathElement.Item(item, schema) is not { } element)
                continue;
            elements[i] = element;
            if (items.TryGetValue(element, out var same))
                same.Add(item);
            else
                items.Add(element, [item]);
        }
        return new ItemIndex(items, elements);
    }
}
