using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Schema;

namespace ControlPlane.Api.Machinery.Patching;

/// <summary>Kubernetes' strategic merge: like a JSON merge patch, but lists with a merge key are merged item by item, and directives
/// in the patch (<c>$patch</c>, <c>$retainKeys</c>, <c>$setElementOrder/…</c>, <c>$deleteFromPrimitiveList/…</c>) say what a plain
/// document cannot.</summary>
public static class StrategicMergePatch
{
    internal const string Directive = "$patch";
    internal const string RetainKeys = "$retainKeys";
    internal const string SetElementOrder = "$setElementOrder/";
    internal const string DeleteFromPrimitiveList = "$deleteFromPrimitiveList/";

    /// <summary>The patched object; neither argument is changed or shared with the result.</summary>
    /// <param name="target">The current object.</param>
    /// <param name="patch">The patch.</param>
    /// <param name="schema">Schema of the object: says which lists merge, and by which key.</param>
    /// <exception cref="PatchException">The patch misuses a directive or lacks a merge key.</exception>
    public static JsonObject Apply(JsonObject target, JsonObject patch, ResourceSchema? schema)
    {
        var result = (JsonObject)target.DeepClone();
        return Merge(result, patch, schema);
    }

    /// <summary>Merges into <paramref name="target"/>; the result is another object when the patch replaces it whole.</summary>
    internal static JsonObject Merge(JsonObject target, JsonObject patch, ResourceSchema? schema)
    {
        if (patch.TryGetPropertyValue(Directive, out var directive))
        {
            switch (JsonTree.AsString(directive))
            {
                case "replace":
                    return PatchContent.Of(patch);
                case "delete":
                    return [];
                case "merge":
                    break;
                default:
                    throw UnknownDirective(directive);
            }
        }
        ApplyRetainKeys(target, patch);
        var ordered = ApplyElementOrders(target, patch, schema);
        foreach (var (name, change) in patch)
        {
            if (name.StartsWith(DeleteFromPrimitiveList, StringComparison.Ordinal))
                ListMerge.DeleteScalars(target, name[DeleteFromPrimitiveList.Length..], change);
            else if (!IsDirective(name) && ordered?.Contains(name) != true)
                MergeField(target, name, change, schema?.Field(name));
        }
        return target;
    }

    internal static bool IsDirective(string name) =>
        name is Directive or RetainKeys
        || name.StartsWith(SetElementOrder, StringComparison.Ordinal)
        || name.StartsWith(DeleteFromPrimitiveList, StringComparison.Ordinal);

    internal static PatchException UnknownDirective(JsonNode? directive) =>
        new(PatchFault.Malformed, $"unknown patch type found: {directive?.ToJsonString() ?? "null"} in map");

    private static void MergeField(JsonObject target, string name, JsonNode? change, ResourceSchema? schema)
    {
        if (change is null)
        {
            target.Remove(name);
            return;
        }
        target.TryGetPropertyValue(name, out var current);
        switch (current, change)
        {
            case (JsonObject child, JsonObject nested):
                var merged = Merge(child, nested, schema);
                if (!ReferenceEquals(merged, child))
                    target[name] = merged;
                break;
            case (JsonArray items, JsonArray changes) when ListMerge.Applies(schema):
                ListMerge.Merge(items, changes, schema!);
                break;
            default:
                target[name] = PatchContent.Of(change);
                break;
        }
    }

    private static void ApplyRetainKeys(JsonObject target, JsonObject patch)
    {
        if (!patch.TryGetPropertyValue(RetainKeys, out var directive))
            return;
        if (directive is not JsonArray keys)
            throw BadRetainKeys();
        var retained = keys.Select(JsonTree.AsString).ToHashSet();
        foreach (var (name, change) in patch)
        {
            if (change is not null && !IsDirective(name) && !retained.Contains(name))
                throw BadRetainKeys();
        }
        foreach (var name in target.Select(field => field.Key).Where(name => !retained.Contains(name)).ToArray())
            target.Remove(name);
    }

    private static PatchException BadRetainKeys() =>
        new(PatchFault.Malformed, "invalid patch format of retainKeys: every field of the patch must be listed in $retainKeys");

    /// <summary>Lists with an order directive are merged and ordered here; returns their names, so that they are not merged twice.</summary>
    private static HashSet<string>? ApplyElementOrders(JsonObject target, JsonObject patch, ResourceSchema? schema)
    {
        HashSet<string>? done = null;
        foreach (var (name, directive) in patch)
        {
            if (!name.StartsWith(SetElementOrder, StringComparison.Ordinal))
                continue;
            var field = name[SetElementOrder.Length..];
            if (directive is not JsonArray order)
                throw new PatchException(PatchFault.Malformed, $"{name} must be a list");
            if (ListMerge.MergeInOrder(target, field, patch, order, schema?.Field(field)))
                (done ??= new(StringComparer.Ordinal)).Add(field);
        }
        return done;
    }
}
