using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Schema;

namespace ControlPlane.Api.Machinery.Apply;

/// <summary>How a value is owned: as one, by field, or by item.</summary>
internal enum TrackedShape
{
    /// <summary>Scalars, null, atomic maps and lists.</summary>
    Leaf,

    /// <summary>An object whose fields are owned each on their own.</summary>
    Fields,

    /// <summary>A set or map list whose items are owned each on their own.</summary>
    Items,
}

internal static class Tracking
{
    private static readonly HashSet<string> ServerMetadata = new(StringComparer.Ordinal)
    {
        "name", "namespace", "creationTimestamp", "selfLink", "uid", "clusterName", "generation", "managedFields", "resourceVersion",
    };

    // Where the schema says nothing, objects are owned by field and lists whole.
    public static TrackedShape ShapeOf(JsonNode? value, ResourceSchema? schema) => value switch
    {
        JsonObject => schema?.MapType == MapType.Atomic ? TrackedShape.Leaf : TrackedShape.Fields,
        JsonArray => schema?.ListType is ListType.Set or ListType.Map ? TrackedShape.Items : TrackedShape.Leaf,
        _ => TrackedShape.Leaf,
    };

    /// <summary>Fields of an object's root that nobody owns.</summary>
    public static bool IsUntrackedRoot(string name) => name is "apiVersion" or "kind";

    /// <summary>Fields of metadata that nobody owns: identity, and what the server writes.</summary>
    public static bool IsUntrackedMetadata(string name) => ServerMetadata.Contains(name);
}
