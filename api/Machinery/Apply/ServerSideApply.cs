using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Schema;

namespace ControlPlane.Api.Machinery.Apply;

/// <summary>Declarative writes with owners: merges a manager's configuration into an object, removes what it no longer mentions, and
/// refuses to change what others own unless forced.</summary>
public static class ServerSideApply
{
    // Fields that existed before anybody applied belong to somebody; this is who.
    private const string EarlierWriter = "before-first-apply";

    public static ApplyOutcome Apply(ApplyRequest request)
    {
        if (CheckObject(request) is { } refusal)
            return refusal;
        DropNullIdentity(request.Applied);
        Canonicalizer.Apply(request.Applied, request.Schema);
        var applied = WithinScope(request);
        var fields = AppliedFields.Of(applied, request.Schema);
        if (fields.Problem is { } problem)
            return new ApplyOutcome.Refused(ApplyFault.NotTyped, $"failed to create typed patch object ({Describe(request)}): {problem}");

        var live = request.Live ?? [];
        var managed = ManagedFields.OfStored(live, request.Schema);
        if (managed.IsEmpty)
            AttributeToEarlierWriter(managed, live, request);
        var own = managed.EntryOf(request.Manager, isApply: true);
        var bridge = LastApplied.Bridge(live, managed, request.Manager, request.Schema);
        var last = bridge is null ? own?.Fields : FieldSet.Union(own?.Fields ?? new FieldSet(), bridge);

        managed.Replace(own, own?.With(fields.Set, own.Time) ?? new ManagedEntry(request.Manager, isApply: true, null, fields.Set));
        var merged = StructuredMerge.Merge(live, applied, request.Schema);
        if (last is not null && !FieldSet.Difference(last, fields.Set).IsEmpty)
            Pruning.Prune(merged, last, managed.OwnedByAll(), request.Schema);

        var delta = FieldDelta.Between(live, merged, request.Schema);
        if (!request.Force && Conflicts(managed, delta.Changed, request.Manager, bridge) is { Count: > 0 } conflicts)
            return new ApplyOutcome.Conflicted(conflicts);
        Settle(managed, delta, request, own, fields.Set);
        managed.WriteTo(merged);
        LastApplied.Rewrite(merged, request.Applied, request.Manager);
        return new ApplyOutcome.Applied(merged);
    }

    private static ApplyOutcome.Refused? CheckObject(ApplyRequest request)
    {
        var version = request.Applied.GetString("apiVersion");
        var kind = request.Applied.GetString("kind");
        if (version != request.Manager.ApiVersion || kind != request.Kind)
            return new ApplyOutcome.Refused(ApplyFault.WrongObject, $"invalid object type: {version}, Kind={kind}");
        return ManagedFields.Find(request.Applied) is not null
            ? new ApplyOutcome.Refused(ApplyFault.WrongObject, "metadata.managedFields must be nil")
            : null;
    }

    // Generated manifests carry "creationTimestamp: null"; it means nothing.
    private static void DropNullIdentity(JsonObject applied)
    {
        if (applied.GetObject("metadata") is not { } metadata)
            return;
        foreach (var name in metadata.Where(field => field.Value is null && Tracking.IsUntrackedMetadata(field.Key)).Select(field => field.Key).ToArray())
            metadata.Remove(name);
    }

    private static string Describe(ApplyRequest request)
    {
        var metadata = request.Applied.GetObject("metadata");
        return $"{metadata?.GetString("namespace")}/{metadata?.GetString("name")}; {request.Manager.ApiVersion}, Kind={request.Kind}";
    }

    // Through the object, status is not written; through /status, nothing else is.
    private static JsonObject WithinScope(ApplyRequest request)
    {
        var isStatus = request.Manager.Subresource == "status";
        if (!request.HasStatusSubresource || (!isStatus && !request.Applied.ContainsKey("status")))
            return request.Applied;
        var scoped = new JsonObject();
        foreach (var (name, value) in request.Applied)
        {
            if (name is "apiVersion" or "kind" || (name == "status") == isStatus)
                scoped[name] = value?.DeepClone();
        }
        return scoped;
    }

    private static void AttributeToEarlierWriter(ManagedFields managed, JsonObject live, ApplyRequest request)
    {
        var existing = FieldDelta.Between([], live, request.Schema);
        if (existing.ChangedOrNull is { } fields)
        {
            var writer = new FieldManager(EarlierWriter, request.Manager.ApiVersion);
            managed.Replace(null, new ManagedEntry(writer, isApply: false, ManagedFields.TimeText(request.Now), fields));
        }
    }

    private static List<FieldConflict> Conflicts(ManagedFields managed, FieldSet changed, FieldManager manager, FieldSet? exempt)
    {
        var conflicts = new List<FieldConflict>();
        foreach (var entry in managed.Entries.OrderBy(entry => entry.Manager.Name, StringComparer.Ordinal))
        {
            if (entry.IsOf(manager, isApply: true) || !entry.Touches(changed))
                continue;
            var contested = FieldSet.Intersection(entry.Fields, changed);
            if (exempt is not null)
                contested = FieldSet.Difference(contested, exempt);
            conflicts.AddRange(contested.Paths().Select(path => new FieldConflict(entry.Manager, entry.IsApply, path)));
        }
        return conflicts;
    }

    private static void Settle(ManagedFields managed, FieldDelta delta, ApplyRequest request, ManagedEntry? before, FieldSet applied)
    {
        managed.Disown(delta.Changed);
        managed.Disown(delta.Removed);
        // The applier owns all it applied, whether or not that changed anything; disowning above was for the others.
        var own = managed.EntryOf(request.Manager, isApply: true);
        var time = delta.IsEmpty && before is not null ? before.Time : ManagedFields.TimeText(request.Now);
        managed.Replace(own, new ManagedEntry(request.Manager, isApply: true, time, applied));
        managed.CapUpdateManagers();
    }
}
