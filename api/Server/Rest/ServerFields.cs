using System.Globalization;
using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Server.Definitions;
using ControlPlane.Api.Server.Errors;

namespace ControlPlane.Api.Server.Rest;

/// <summary>The metadata that belongs to the server, whatever a client sends.</summary>
internal static class ServerFields
{
    private static readonly string[] Owned = ["creationTimestamp", "uid", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "generation"];
    private static readonly string[] Kept = ["creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation"];

    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The object's metadata, added when it has none.</summary>
    public static JsonObject MetadataOf(JsonObject tree)
    {
        if (tree["metadata"] is JsonObject metadata)
            return metadata;
        if (tree["metadata"] is not null)
            throw ApiErrors.BadRequest("metadata must be an object");
        tree["metadata"] = metadata = [];
        return metadata;
    }

    /// <summary>Makes metadata that of a new object; the name has been decided.</summary>
    public static void SetForCreate(JsonObject tree, string @namespace, string name, bool hasGeneration, DateTimeOffset now)
    {
        var metadata = MetadataOf(tree);
        foreach (var field in Owned)
            metadata.Remove(field);
        metadata.Remove("resourceVersion");
        metadata["name"] = name;
        if (@namespace.Length > 0)
            metadata["namespace"] = @namespace;
        else
            metadata.Remove("namespace");
        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = Format(now);
        if (hasGeneration)
            metadata["generation"] = 1;
    }

    /// <summary>Puts back what an update cannot change, after checking that it is about this very object and version.</summary>
    public static void SetForUpdate(ResourceDefinition definition, JsonObject proposed, JsonObject live, string name)
    {
        var after = MetadataOf(proposed);
        var before = live.GetObject("metadata")!;
        var uid = after.GetString("uid");
        if (!string.IsNullOrEmpty(uid) && uid != before.GetString("uid"))
            throw ApiErrors.Conflict(definition, name, $"Precondition failed: UID in precondition: {uid}, UID in object meta: {before.GetString("uid")}");
        var version = after.GetString("resourceVersion");
        if (!string.IsNullOrEmpty(version) && version != before.GetString("resourceVersion"))
            throw ApiErrors.Modified(definition, name);
        after["uid"] = before["uid"]?.DeepClone();
        after["resourceVersion"] = before["resourceVersion"]?.DeepClone();
        after.Remove("selfLink");
        foreach (var field in Kept)
        {
            if (before[field] is { } value)
                after[field] = value.DeepClone();
            else
                after.Remove(field);
        }
    }

    /// <summary>The body of a write may leave name and namespace to the URL, but not contradict it.</summary>
    public static void CheckIdentity(RestCall call, JsonObject tree)
    {
        CheckNamespace(call, tree);
        var metadata = MetadataOf(tree);
        var name = metadata.GetString("name");
        if (string.IsNullOrEmpty(name))
            metadata["name"] = call.Name;
        else if (name != call.Name)
            throw ApiErrors.BadRequest($"the name of the object ({name}) does not match the name on the URL ({call.Name})");
    }

    public static void CheckNamespace(RestCall call, JsonObject tree)
    {
        var metadata = MetadataOf(tree);
        var given = metadata.GetString("namespace");
        if (!call.Definition.IsNamespaced)
            metadata.Remove("namespace");
        else if (string.IsNullOrEmpty(given))
            metadata["namespace"] = call.Namespace;
        else if (given != call.Namespace)
            throw ApiErrors.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
    }
}
