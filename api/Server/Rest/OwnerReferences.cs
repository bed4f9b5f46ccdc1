using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;

namespace ControlPlane.Api.Server.Rest;

/// <summary>An object names an owner once.</summary>
internal static class OwnerReferences
{
    /// <summary>Takes out repeated owners, and tells the client.</summary>
    public static void RemoveRepeated(RestCall call, JsonObject proposed)
    {
        if (proposed.GetObject("metadata")?.GetArray("ownerReferences") is not { Count: > 1 } owners)
            return;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var repeated = new List<string>();
        for (var i = 0; i < owners.Count; i++)
        {
            if ((owners[i] as JsonObject)?.GetString("uid") is not { Length: > 0 } uid || seen.Add(uid))
                continue;
            repeated.Add(uid);
            owners.RemoveAt(i--);
        }
        if (repeated.Count > 0)
        {
            call.Request.Warn(".metadata.ownerReferences contains duplicate entries after mutating admission happens; API server dedups owner references in 1.20+, "
                + "and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: " + string.Join(", ", repeated.Distinct()));
        }
    }
}
