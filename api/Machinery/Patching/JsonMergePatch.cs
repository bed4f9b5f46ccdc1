using System.Text.Json.Nodes;

namespace ControlPlane.Api.Machinery.Patching;

/// <summary>RFC 7386: objects merge, null removes, everything else replaces.</summary>
public static class JsonMergePatch
{
    /// <summary>The patched tree; neither argument is changed or shared with the result.</summary>
    public static JsonNode? Apply(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes)
            return patch?.DeepClone();
        var result = target is JsonObject current ? (JsonObject)current.DeepClone() : [];
        Merge(result, changes);
        return result;
    }

    private static void Merge(JsonObject target, JsonObject changes)
    {
        foreach (var (name, change) in changes)
        {
            if (change is null)
            {
                target.Remove(name);
            }
            else if (change is JsonObject nested)
            {
                // A patch object on anything else starts from an empty one, so that its nulls do not end up in the result.
                if (!target.TryGetPropertyValue(name, out var existing) || existing is not JsonObject child)
                    target[name] = child = [];
                Merge(child, nested);
            }
            else
            {
                target[name] = change.DeepClone();
            }
        }
    }
}
