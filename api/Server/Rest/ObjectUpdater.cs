using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Server.Definitions;
using ControlPlane.Api.Server.Registry;

namespace ControlPlane.Api.Server.Rest;

/// <summary>Read-modify-write of one object, for every verb and subresource that changes one.</summary>
internal sealed class ObjectUpdater(ResourceStore store, ObjectPreparer preparer)
{
    /// <param name="call">The call.</param>
    /// <param name="options">Its options.</param>
    /// <param name="propose">Makes the wished state from the live one, which it leaves alone. Runs again when somebody else was quicker.</param>
    /// <param name="owners">Records who owns which fields.</param>
    /// <returns>The state after; null when there is no such object.</returns>
    public async Task<StoredObject?> UpdateAsync(RestCall call, WriteOptions options, Func<JsonObject, JsonObject> propose, IFieldOwnership owners)
    {
        async ValueTask<Change> Decide(StoredObject stored)
        {
            var live = stored.ToTree();
            var proposed = propose(live);
            return await ChangeAsync(call, options, stored, live, proposed, owners);
        }

        if (!options.DryRun)
            return (await store.UpdateAsync(call.Definition, call.Namespace, call.Name, Decide, call.Aborted))?.Object;
        var current = await store.GetAsync(call.Definition, call.Namespace, call.Name, call.Aborted);
        return current is null ? null : (await Decide(current)).Object;
    }

    private async ValueTask<Change> ChangeAsync(
        RestCall call, WriteOptions options, StoredObject stored, JsonObject live, JsonObject proposed, IFieldOwnership owners)
    {
        var definition = call.Definition;
        ServerFields.SetForUpdate(definition, proposed, live, call.Name);
        proposed = KeepOtherParts(call, proposed, live);
        definition.Strategy.Prepare(proposed, live);
        await preparer.PrepareAsync(call, options, proposed, live, owners);
        if (definition.Strategy.HasGeneration && SpecChanged(definition, proposed, live))
            proposed.GetObject("metadata")!["generation"] = GenerationOf(live) + 1;
        if (JsonTree.DeepEquals(proposed, live))
            return Change.None(stored);
        var json = ObjectEncoder.Encode(proposed, definition);
        return IsFinished(definition, proposed) ? Change.Delete(new StoredObject(stored.Key, json, stored.Revision)) : Change.Put(stored, json);
    }

    /// <summary>A status write changes nothing but status, any other write everything but status.</summary>
    private static JsonObject KeepOtherParts(RestCall call, JsonObject proposed, JsonObject live)
    {
        if (call.Subresource == "status")
        {
            var merged = (JsonObject)live.DeepClone();
            Take(merged, proposed, "status");
            Take(merged.GetObject("metadata")!, proposed.GetObject("metadata")!, "managedFields");
            return merged;
        }
        if (call.Definition.HasStatus)
            Take(proposed, live, "status");
        // A namespace's spec holds nothing but what finalize is for.
        if (call.Subresource.Length == 0 && call.Definition.Subresources.ContainsKey("finalize"))
            Take(proposed, live, "spec");
        return proposed;
    }

    private static void Take(JsonObject to, JsonObject from, string field)
    {
        if (from[field] is { } value)
            to[field] = value.DeepClone();
        else
            to.Remove(field);
    }

    private static bool SpecChanged(ResourceDefinition definition, JsonObject proposed, JsonObject live)
    {
        foreach (var (name, value) in proposed)
        {
            if (!IsApart(name) && !JsonTree.DeepEquals(value, live[name]))
                return true;
        }
        return live.Any(p => !IsApart(p.Key) && p.Value is not null && !proposed.ContainsKey(p.Key));

        bool IsApart(string name) => name is "apiVersion" or "kind" or "metadata" || (name == "status" && definition.HasStatus);
    }

    public static long GenerationOf(JsonObject tree) => JsonNumbers.TryGetInt64(tree.GetObject("metadata")?["generation"], out var generation) ? generation : 0;

    /// <summary>An object marked for deletion goes with the update that takes the last thing that kept it.</summary>
    private static bool IsFinished(ResourceDefinition definition, JsonObject proposed)
    {
        var metadata = proposed.GetObject("metadata")!;
        if (!metadata.ContainsKey("deletionTimestamp") || metadata.GetArray("finalizers") is { Count: > 0 })
            return false;
        JsonNumbers.TryGetInt64(metadata["deletionGracePeriodSeconds"], out var grace);
        return grace == 0 && !definition.Strategy.IsKept(proposed);
    }
}
