using System.Text.Json.Nodes;
using ControlPlane.Api.Client;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Platform.V1;
using ControlPlane.Api.Serialization;
using ControlPlane.Controllers.Caching;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Controllers.GarbageCollection;

/// <summary>
/// Looks at one object, named by its UID: as an owner that is being deleted (foreground, orphan), and as a dependent of its owners.
/// Whether an owner is absent is always the server's word, not the caches'.
/// </summary>
internal sealed partial class GarbageCollector(ControllerContext context, ResourceMonitors monitors) : IReconciler, IKeySource
{
    private readonly IApiClient _client = context.Client;
    private readonly ILogger _logger = context.Logger<GarbageCollector>();
    private readonly AbsentOwners _absent = new(10_000);

    public Task FeedAsync(Action<ObjectKey> add, CancellationToken cancellationToken) =>
        monitors.RunAsync(change => Announce(change, add), cancellationToken);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (monitors.Find(key.Name) is not { } item)
            return ReconcileResult.Done;
        if (!item.IsDeleting)
            return await CollectAsync(item, cancellationToken);
        if (item.Metadata.Finalizers.Contains(WellKnownFinalizers.Orphan))
            return await OrphanDependentsAsync(item, cancellationToken);
        if (item.Metadata.Finalizers.Contains(WellKnownFinalizers.Foreground))
            return await AwaitDependentsAsync(item, cancellationToken);
        return ReconcileResult.Done;
    }

    private static ObjectKey KeyOf(string uid) => new("", uid);

    private void Announce(CacheChange<PartialObjectMetadata> change, Action<ObjectKey> add)
    {
        if (change.New is { } present)
            AnnouncePresent(present, add);
        if (change.Old is not { } past)
            return;
        // Owners that waited for it may be done, whether it is gone or only no longer theirs.
        foreach (var owner in past.Metadata.OwnerReferences)
            add(KeyOf(owner.Uid));
        if (change.New?.Metadata.Uid != past.Metadata.Uid)
            AddDependents(past, add);
    }

    private void AnnouncePresent(PartialObjectMetadata item, Action<ObjectKey> add)
    {
        if (item.Metadata.OwnerReferences.Count > 0 || item.Metadata.DeletionTimestamp is not null)
            add(KeyOf(item.Metadata.Uid ?? ""));
        // In a foreground deletion the dependents go first.
        if (item.Metadata.DeletionTimestamp is not null)
            AddDependents(item, add);
    }

    private void AddDependents(PartialObjectMetadata owner, Action<ObjectKey> add)
    {
        foreach (var dependent in monitors.DependentsOf(owner.Metadata.Uid ?? ""))
            add(KeyOf(dependent.Uid));
    }

    private async Task<ReconcileResult> CollectAsync(ObservedObject item, CancellationToken cancellationToken)
    {
        var owners = new List<OwnerFinding>();
        foreach (var reference in item.Metadata.OwnerReferences)
            owners.Add(new OwnerFinding(reference, await LookForAsync(item, reference, cancellationToken)));
        var plan = DependentPlanner.Plan(item, owners, monitors.DependentsOf(item.Uid).Count > 0);
        switch (plan.Action)
        {
            case DependentAction.DropOwners:
                await DropOwnersAsync(item, plan.Leaving, cancellationToken);
                break;
            case DependentAction.Delete:
                await DeleteAsync(item, plan.Propagation!, cancellationToken);
                break;
        }
        // An owner of a kind that is not served cannot be judged; the kind may come back.
        return owners.Any(static o => o.State == OwnerState.Unknown) ? ReconcileResult.LookAgainAfter(TimeSpan.FromMinutes(1)) : ReconcileResult.Done;
    }

    private async Task<OwnerState> LookForAsync(ObservedObject item, OwnerReference reference, CancellationToken cancellationToken)
    {
        if (monitors.Resolve(reference.ApiVersion, reference.Kind) is not { } resource)
            return OwnerState.Unknown;
        if (resource.IsNamespaced && !item.Resource.IsNamespaced)
        {
            context.Events.Warning(
                item.ToReference(), "OwnerRefInvalidNamespace", $"ownerRef [{reference.ApiVersion}/{reference.Kind}, name: {reference.Name}, uid: {reference.Uid}] is namespaced; a cluster-scoped object cannot depend on it.");
            return OwnerState.Unknown;
        }
        var key = new ObjectKey(resource.IsNamespaced ? item.Key.Namespace : "", reference.Name);
        if (monitors.Find(reference.Uid) is { } known && known.Key == key && known.Resource.Kind == reference.Kind)
            return StateOf(known.Metadata);

        var absence = new Absence(resource.Resource, key.Namespace, key.Name, reference.Uid);
        if (_absent.Contains(absence))
            return OwnerState.Absent;
        var live = await _client.TryGetAsync<PartialObjectMetadata>(resource, key, cancellationToken);
        if (live is not null && live.Metadata.Uid == reference.Uid)
            return StateOf(live.Metadata);
        _absent.Add(absence);
        return OwnerState.Absent;
    }

    private static OwnerState StateOf(ObjectMeta owner) =>
        owner.DeletionTimestamp is not null && owner.Finalizers.Contains(WellKnownFinalizers.Foreground) ? OwnerState.WaitsForDependents : OwnerState.Alive;

    private async Task DeleteAsync(ObservedObject item, string propagation, CancellationToken cancellationToken)
    {
        var options = new DeleteOptions
        {
            PropagationPolicy = propagation,
            // Exactly what was judged: a reference to a living owner that was added since keeps it.
            Preconditions = new Preconditions { Uid = item.Uid, ResourceVersion = item.Metadata.ResourceVersion },
        };
        if (await _client.TryDeleteAsync(item.Resource, item.Key, cancellationToken, options))
            Log.Deleted(_logger, item.Resource.Resource, item.Key, propagation);
    }

    private Task<PartialObjectMetadata> DropOwnersAsync(ObservedObject item, IReadOnlySet<string> uids, CancellationToken cancellationToken)
    {
        var kept = item.Metadata.OwnerReferences.Where(o => !uids.Contains(o.Uid)).ToList();
        Log.Released(_logger, item.Resource.Resource, item.Key, string.Join(", ", uids));
        return PatchMetadataAsync(item, "ownerReferences", ApiJson.Deserialize<JsonArray>(ApiJson.Serialize(kept)), cancellationToken);
    }

    private async Task<ReconcileResult> OrphanDependentsAsync(ObservedObject owner, CancellationToken cancellationToken)
    {
        // A dependent that we cannot see would lose its owner and be collected later: better wait.
        if (monitors.Unsynced.ToList() is { Count: > 0 } unseen)
        {
            context.Events.Warning(owner.ToReference(), "OrphaningWaits", $"Dependents of these kinds cannot be read: {string.Join(", ", unseen.Select(static r => r.Resource))}.");
            return ReconcileResult.LookAgainAfter(TimeSpan.FromSeconds(5));
        }
        var writes = new IndependentWrites(cancellationToken);
        await writes.RunAsync(monitors.DependentsOf(owner.Uid), (dependent, token) => ReleaseAsync(dependent, owner.Uid, token));
        writes.ThrowIfFailed();
        await RemoveFinalizerAsync(owner, WellKnownFinalizers.Orphan, cancellationToken);
        return ReconcileResult.Done;
    }

    private async Task ReleaseAsync(ObservedObject dependent, string ownerUid, CancellationToken cancellationToken)
    {
        try
        {
            await DropOwnersAsync(dependent, new HashSet<string> { ownerUid }, cancellationToken);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // It needs no release any more.
        }
    }

    private async Task<ReconcileResult> AwaitDependentsAsync(ObservedObject owner, CancellationToken cancellationToken)
    {
        var blocking = monitors.DependentsOf(owner.Uid)
            .Where(d => d.Metadata.OwnerReferences.Any(o => o.Uid == owner.Uid && o.BlockOwnerDeletion == true))
            .ToList();
        if (blocking.Count > 0)
            return ReconcileResult.Done;
        await RemoveFinalizerAsync(owner, WellKnownFinalizers.Foreground, cancellationToken);
        return ReconcileResult.Done;
    }

    private async Task RemoveFinalizerAsync(ObservedObject owner, string finalizer, CancellationToken cancellationToken)
    {
        var kept = new JsonArray([.. owner.Metadata.Finalizers.Where(f => f != finalizer).Select(static f => JsonValue.Create(f))]);
        await PatchMetadataAsync(owner, "finalizers", kept, cancellationToken);
        Log.Finalized(_logger, owner.Resource.Resource, owner.Key, finalizer);
    }

    private Task<PartialObjectMetadata> PatchMetadataAsync(ObservedObject item, string field, JsonArray value, CancellationToken cancellationToken)
    {
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["uid"] = item.Uid, ["resourceVersion"] = item.Metadata.ResourceVersion, [field] = value },
        };
        return _client.PatchAsync<PartialObjectMetadata>(item.Resource, item.Key, PatchBody.Merge(patch), cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(610, LogLevel.Information, "Deleted {Resource} {Key}, whose owners are gone ({Propagation})")]
        public static partial void Deleted(ILogger logger, string resource, ObjectKey key, string propagation);

        [LoggerMessage(611, LogLevel.Information, "Took owners {Owners} off {Resource} {Key}")]
        public static partial void Released(ILogger logger, string resource, ObjectKey key, string owners);

        [LoggerMessage(612, LogLevel.Information, "Removed {Finalizer} from {Resource} {Key}")]
        public static partial void Finalized(ILogger logger, string resource, ObjectKey key, string finalizer);
    }
}
