using System.Globalization;
using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Platform.V1;
using ControlPlane.Api.Server.Admission;
using ControlPlane.Api.Server.Definitions;
using ControlPlane.Api.Server.Errors;
using ControlPlane.Api.Server.Registry;

namespace ControlPlane.Api.Server.Rest;

/// <summary>
/// Deletes one object: at once when nothing keeps it; else it is marked with a deletionTimestamp and goes when its finalizers are gone and its
/// graceful end is over.
/// </summary>
internal sealed class ObjectDeleter(ResourceStore store, AdmissionChain admission, TimeProvider time)
{
    /// <summary>What became of the object; null when there is none.</summary>
    public async Task<Change?> DeleteAsync(RestCall call, string @namespace, string name, DeleteRequest request)
    {
        async ValueTask<Change> Decide(StoredObject stored)
        {
            var live = stored.ToTree();
            CheckPreconditions(call.Definition, name, live.GetObject("metadata")!, request);
            await admission.AdmitAsync(new AdmissionRequest(call, AdmissionOperation.Delete, null, live, request.DryRun));
            return ChangeOf(call.Definition, stored, live, request);
        }

        if (!request.DryRun)
            return await store.UpdateAsync(call.Definition, @namespace, name, Decide, call.Aborted);
        var current = await store.GetAsync(call.Definition, @namespace, name, call.Aborted);
        return current is null ? null : await Decide(current);
    }

    private static void CheckPreconditions(ResourceDefinition definition, string name, JsonObject metadata, DeleteRequest request)
    {
        var uid = metadata.GetString("uid");
        if (!string.IsNullOrEmpty(request.Uid) && request.Uid != uid)
        {
            throw ApiErrors.Precondition(definition, name,
                $"the UID in the precondition ({request.Uid}) does not match the UID in record ({uid}). The object might have been deleted and then recreated");
        }
        var version = metadata.GetString("resourceVersion");
        if (!string.IsNullOrEmpty(request.ResourceVersion) && request.ResourceVersion != version)
        {
            throw ApiErrors.Precondition(definition, name,
                $"the ResourceVersion in the precondition ({request.ResourceVersion}) does not match the ResourceVersion in record ({version}). The object might have been modified");
        }
    }

    private Change ChangeOf(ResourceDefinition definition, StoredObject stored, JsonObject live, DeleteRequest request)
    {
        var proposed = (JsonObject)live.DeepClone();
        var metadata = proposed.GetObject("metadata")!;
        SetPropagation(metadata, request.Propagation);
        var grace = definition.Strategy.GracePeriodOf(live, request.GracePeriodSeconds) ?? 0;
        var isMarked = metadata.ContainsKey("deletionTimestamp");
        if (isMarked && JsonNumbers.TryGetInt64(metadata["deletionGracePeriodSeconds"], out var before))
            grace = Math.Min(grace, before);
        var isKept = metadata.GetArray("finalizers") is { Count: > 0 } || definition.Strategy.IsKept(proposed);
        if (grace == 0 && !isKept)
            return Change.Delete(stored);
        Mark(definition, proposed, metadata, grace);
        return JsonTree.DeepEquals(proposed, live) ? Change.None(stored) : Change.Put(stored, ObjectEncoder.Encode(proposed, definition));
    }

    private void Mark(ResourceDefinition definition, JsonObject proposed, JsonObject metadata, long grace)
    {
        if (metadata.GetString("deletionTimestamp") is { } marked)
        {
            JsonNumbers.TryGetInt64(metadata["deletionGracePeriodSeconds"], out var before);
            if (grace >= before)
                return;
            // A later delete can only bring the end closer.
            var end = DateTimeOffset.Parse(marked, CultureInfo.InvariantCulture).AddSeconds(grace - before);
            metadata["deletionTimestamp"] = ServerFields.Format(end);
            metadata["deletionGracePeriodSeconds"] = grace;
            return;
        }
        metadata["deletionTimestamp"] = ServerFields.Format(time.GetUtcNow().AddSeconds(grace));
        metadata["deletionGracePeriodSeconds"] = grace;
        if (definition.Strategy.HasGeneration)
            metadata["generation"] = ObjectUpdater.GenerationOf(proposed) + 1;
        definition.Strategy.OnMarkedForDeletion(proposed);
    }

    /// <summary>The garbage collector is told by finalizers what to do with dependents.</summary>
    private static void SetPropagation(JsonObject metadata, Propagation propagation)
    {
        if (propagation == Propagation.Unset)
            return;
        var finalizers = metadata.GetArray("finalizers")?.Select(JsonTree.AsString).OfType<string>().ToList() ?? [];
        finalizers.RemoveAll(f => f is WellKnownFinalizers.Foreground or WellKnownFinalizers.Orphan);
        if (propagation == Propagation.Foreground)
            finalizers.Add(WellKnownFinalizers.Foreground);
        if (propagation == Propagation.Orphan)
            finalizers.Add(WellKnownFinalizers.Orphan);
        if (finalizers.Count > 0)
            metadata["finalizers"] = new JsonArray([.. finalizers.Select(f => (JsonNode)f)]);
        else
            metadata.Remove("finalizers");
    }
}
