using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Schema;

namespace ControlPlane.Api.Tests.Machinery.Apply;

/// <summary>The plainest reading of ownership: every path of a document with the text of its value, "" for what has parts. Written without
/// looking at the implementation it checks.</summary>
internal static class FlatPaths
{
    public static Dictionary<string, string> Of(JsonObject root)
    {
        var paths = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in root)
            Collect(paths, "." + name, value, ApplyWorld.Schema.Field(name));
        return paths;
    }

    private static void Collect(Dictionary<string, string> paths, string path, JsonNode? value, ResourceSchema? schema)
    {
        if (value is JsonObject fields && schema?.MapType != MapType.Atomic)
        {
            paths[path] = "";
            foreach (var (name, child) in fields)
                Collect(paths, $"{path}.{name}", child, schema?.Field(name));
        }
        else if (value is JsonArray items && schema?.ListType is ListType.Set or ListType.Map)
        {
            paths[path] = "";
            foreach (var item in (JsonArray)value!)
            {
                var key = item is JsonObject named ? $"name={named["name"]!.ToJsonString()}" : "=" + item!.ToJsonString();
                Collect(paths, $"{path}[{key}]", item, schema!.Items);
            }
        }
        else
        {
            paths[path] = value?.ToJsonString() ?? "null";
        }
    }
}
