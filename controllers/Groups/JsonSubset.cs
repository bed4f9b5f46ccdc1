using System.Text.Json.Nodes;

namespace ControlPlane.Controllers.Groups;

/// <summary>Whether an object already says everything that one wants it to say.</summary>
internal static class JsonSubset
{
    /// <summary>Every field of <paramref name="wanted"/> is in <paramref name="present"/> with that value; lists have the same length.</summary>
    public static bool Holds(JsonNode? wanted, JsonNode? present) => (wanted, present) switch
    {
        (JsonObject want, JsonObject have) => want.All(field => have.TryGetPropertyValue(field.Key, out var value) && Holds(field.Value, value)),
        (JsonArray want, JsonArray have) => want.Count == have.Count && want.Zip(have).All(static pair => Holds(pair.First, pair.Second)),
        _ => JsonNode.DeepEquals(wanted, present),
    };
}
