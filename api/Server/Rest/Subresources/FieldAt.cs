using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;

namespace ControlPlane.Api.Server.Rest.Subresources;

/// <summary>Fields by dotted path, e.g. <c>spec.instances</c>.</summary>
internal static class FieldAt
{
    public static JsonNode? Get(JsonObject root, string path)
    {
        JsonNode? node = root;
        foreach (var segment in path.Split('.'))
            node = (node as JsonObject)?[segment];
        return node;
    }

    /// <summary>Sets a field, making the objects on the way.</summary>
    public static void Set(JsonObject root, string path, JsonNode? value)
    {
        var segments = path.Split('.');
        var owner = root;
        foreach (var segment in segments.AsSpan(0, segments.Length - 1))
        {
            if (owner.GetObject(segment) is not { } next)
                owner[segment] = next = [];
            owner = next;
        }
        owner[segments[^1]] = value;
    }
}
