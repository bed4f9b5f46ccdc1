using System.Text.Json.Nodes;

namespace ControlPlane.Api.Machinery.Json;

/// <summary>Compares trees by meaning. Only equality: it has no useful hash and is not for dictionaries.</summary>
internal sealed class JsonTreeComparer : IEqualityComparer<JsonNode?>
{
    public static JsonTreeComparer Instance { get; } = new();

    public bool Equals(JsonNode? x, JsonNode? y) => JsonTree.DeepEquals(x, y);

    public int GetHashCode(JsonNode? obj) => (int)JsonTree.KindOf(obj);
}
