using System.Text.Json.Nodes;

namespace ControlPlane.Controllers.Reporting;

/// <summary>The merge patch (RFC 7386) that turns one tree into another.</summary>
internal static class JsonDifference
{
    /// <returns><c>null</c> when they are equal.</returns>
    public static JsonObject? Between(JsonObject from, JsonObject to)
    {
        var patch = new JsonObject();
        foreach (var (name, _) in from)
        {
            if (!to.ContainsKey(name))
                patch[name] = null;
        }
        foreach (var (name, wanted) in to)
        {
            var present = from[name];
            if (present is JsonObject presentObject && wanted is JsonObject wantedObject)
            {
                if (Between(presentObject, wantedObject) is { } inner)
                    patch[name] = inner;
            }
            else if (!JsonNode.DeepEquals(present, wanted))
            {
                patch[name] = wanted?.DeepClone();
            }
        }
        return patch.Count == 0 ? null : patch;
    }
}
