using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Schema;

namespace ControlPlane.Api.Machinery.Patching;

/// <summary>Lists in a strategic merge patch: objects by merge key, scalars as a set.</summary>
internal static class ListMerge
{
    public static bool Applies(ResourceSchema? schema) => schema is not null && schema.PatchStrategy.HasFlag(PatchStrategies.Merge);

    public static void Merge(JsonArray target, JsonArray patch, ResourceSchema schema)
    {
        var server = target.ToArray();
        target.Clear();
        Fill(target, MergeItems([.. server], patch, schema, out var ordered, out var serverOrder), ordered, serverOrder, schema.PatchMergeKey);
    }

    /// <summary>Merges a list that comes with an explicit order; false when neither side has it.</summary>
    public static bool MergeInOrder(JsonObject target, string field, JsonObject patch, JsonArray order, ResourceSchema? schema)
    {
        var current = ListOrNull(target, field);
        var changes = ListOrNull(patch, field);
        var mergeKey = schema?.PatchMergeKey;
        if (changes is not null)
            CheckOrder(changes, order, mergeKey);
        if (current is null && changes is null)
            return false;
        var server = current?.ToArray() ?? [];
        current?.Clear();
        var merged = (current, changes) switch
        {
            (not null, null) => [.. server],
            (not null, not null) when Applies(schema) => MergeItems([.. server], changes, schema!, out _, out _),
            _ => Detach((JsonArray)PatchContent.Of((JsonNode)changes!)),
        };
        if (current is null)
            target[field] = current = [];
        Fill(current, merged, [.. order], server, mergeKey);
        return true;
    }

    public static void DeleteScalars(JsonObject target, string field, JsonNode? values)
    {
        if (values is not JsonArray removed)
            throw new PatchException(PatchFault.Malformed, $"{StrategicMergePatch.DeleteFromPrimitiveList}{field} must be a list");
        if (target.GetArray(field) is not { } items)
            return;
        for (var i = items.Count - 1; i >= 0; i--)
        {
            if (removed.Any(value => JsonTree.DeepEquals(value, items[i])))
                items.RemoveAt(i);
        }
    }

    private static JsonArray? ListOrNull(JsonObject owner, string field)
    {
        if (!owner.TryGetPropertyValue(field, out var value) || value is null)
            return null;
        return value as JsonArray ?? throw new PatchException(PatchFault.Malformed, $"{field} must be a list, because the patch orders it");
    }

    /// <summary>The items after merging, in no particular order yet, and what the order is derived from.</summary>
    private static List<JsonNode?> MergeItems(
        List<JsonNode?> items, JsonArray patch, ResourceSchema schema, out List<JsonNode?> patchOrder, out JsonNode?[] serverOrder)
    {
        if (!items.Concat(patch).Any(item => item is JsonObject))
            return MergeScalars(items, patch, out patchOrder, out serverOrder);
        var mergeKey = schema.PatchMergeKey
            ?? throw new PatchException(PatchFault.Malformed, "cannot merge a list of objects that has no merge key");
        patchOrder = [];
        var replaceAll = false;
        foreach (var entry in patch)
        {
            var change = entry as JsonObject ?? throw new PatchException(PatchFault.Malformed, "a list of objects cannot be merged with scalars");
            if (!change.TryGetPropertyValue(StrategicMergePatch.Directive, out var directive))
                patchOrder.Add(change);
            else if (JsonTree.AsString(directive) == "delete")
                items.RemoveAll(item => KeyEquals(item, change, RequireKey(change, mergeKey), mergeKey));
            else if (JsonTree.AsString(directive) == "replace")
                replaceAll = true;
            else if (JsonTree.AsString(directive) == "merge")
                patchOrder.Add(change);
            else
                throw StrategicMergePatch.UnknownDirective(directive);
        }
        if (replaceAll)
            items.Clear();
        serverOrder = [.. items];
        foreach (var change in patchOrder)
            MergeItem(items, (JsonObject)change!, mergeKey, schema.Items);
        return items;
    }

    private static List<JsonNode?> MergeScalars(List<JsonNode?> items, JsonArray patch, out List<JsonNode?> patchOrder, out JsonNode?[] serverOrder)
    {
        patchOrder = [.. patch];
        serverOrder = [.. items];
        var merged = new List<JsonNode?>(items.Count + patch.Count);
        foreach (var item in items.Concat(patch))
        {
            if (!merged.Exists(seen => JsonTree.DeepEquals(seen, item)))
                merged.Add(item?.Parent is null ? item : item.DeepClone());
        }
        return merged;
    }

    private static void MergeItem(List<JsonNode?> items, JsonObject change, string mergeKey, ResourceSchema? schema)
    {
        var key = RequireKey(change, mergeKey);
        var index = items.FindIndex(item => KeyEquals(item, change, key, mergeKey));
        if (index < 0)
            items.Add(PatchContent.Of(change));
        else
            items[index] = StrategicMergePatch.Merge((JsonObject)items[index]!, change, schema);
    }

    private static JsonNode? RequireKey(JsonObject item, string mergeKey) => item.TryGetPropertyValue(mergeKey, out var key)
        ? key
        : throw new PatchException(PatchFault.Malformed, $"map: {item.ToJsonString()} does not contain declared merge key: {mergeKey}");

    private static bool KeyEquals(JsonNode? item, JsonNode? other, JsonNode? key, string? mergeKey)
    {
        if (mergeKey is null)
            return JsonTree.DeepEquals(item, other);
        return item is JsonObject fields && fields.TryGetPropertyValue(mergeKey, out var own) && JsonTree.DeepEquals(own, key);
    }

    private static int IndexOf(IReadOnlyList<JsonNode?> list, JsonNode? item, string? mergeKey)
    {
        var key = mergeKey is null ? null : (item as JsonObject)?[mergeKey];
        for (var i = 0; i < list.Count; i++)
        {
            if (KeyEquals(list[i], item, key, mergeKey))
                return i;
        }
        return -1;
    }

    /// <summary>Items the patch names come in the patch's order, the others in the server's; where the server knew both, its order decides
    /// which comes first, else the patch's item does.</summary>
    private static void Fill(JsonArray target, List<JsonNode?> merged, List<JsonNode?> patchOrder, JsonNode?[] serverOrder, string? mergeKey)
    {
        var named = new List<(int Rank, int Server, JsonNode? Item)>();
        var others = new List<(int Rank, int Server, JsonNode? Item)>();
        foreach (var item in merged)
        {
            var rank = IndexOf(patchOrder, item, mergeKey);
            var server = IndexOf(serverOrder, item, mergeKey);
            if (rank >= 0)
                named.Add((rank, server, item));
            else
                others.Add((server, server, item));
        }
        var left = others.OrderBy(entry => entry.Rank).ToArray();
        var right = named.OrderBy(entry => entry.Rank).ToArray();
        int i = 0, j = 0;
        while (i < left.Length || j < right.Length)
        {
            var takeLeft = j == right.Length
                || (i < left.Length && left[i].Server >= 0 && right[j].Server >= 0 && left[i].Server < right[j].Server);
            target.Add(takeLeft ? left[i++].Item : right[j++].Item);
        }
    }

    private static List<JsonNode?> Detach(JsonArray list)
    {
        var items = list.ToList();
        list.Clear();
        return items;
    }

    /// <summary>Every item the patch sets must occur in the order list, in the same sequence.</summary>
    private static void CheckOrder(JsonArray patch, JsonArray order, string? mergeKey)
    {
        var position = 0;
        foreach (var item in patch)
        {
            if (item is JsonObject fields && fields.ContainsKey(StrategicMergePatch.Directive))
                continue;
            while (position < order.Count && IndexOf([order[position]], item, mergeKey) < 0)
                position++;
            if (position++ < order.Count)
                continue;
            throw new PatchException(
                PatchFault.Malformed,
                $"The order in patch list:\n{patch.ToJsonString()}\n doesn't match {StrategicMergePatch.SetElementOrder[..^1]} list:\n{order.ToJsonString()}\n");
        }
    }
}
