using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;

namespace ControlPlane.Api.Machinery.Patching;

/// <summary>What a piece of a strategic patch leaves where nothing stood before: its values, without directives and nulls.</summary>
internal static class PatchContent
{
    public static JsonNode Of(JsonNode patch) => patch switch
    {
        JsonObject fields => Of(fields),
        JsonArray items => Of(items),
        _ => patch.DeepClone(),
    };

    public static JsonObject Of(JsonObject patch)
    {
        var result = new JsonObject();
        if (patch.GetString(StrategicMergePatch.Directive) == "delete")
            return result;
        foreach (var (name, value) in patch)
        {
            if (value is not null && !StrategicMergePatch.IsDirective(name))
                result[name] = Of(value);
        }
        return result;
    }

    private static JsonArray Of(JsonArray patch)
    {
        var result = new JsonArray();
        foreach (var item in patch)
        {
            // An item that only says "delete x" or "replace all" is no content.
            if ((item as JsonObject)?.GetString(StrategicMergePatch.Directive) is "delete" or "replace")
                continue;
            result.Add(item is null ? null : Of(item));
        }
        return result;
    }
}
