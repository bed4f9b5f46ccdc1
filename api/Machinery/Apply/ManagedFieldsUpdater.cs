using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Schema;

namespace ControlPlane.Api.Machinery.Apply;

/// <summary>Keeps track of owners on every write that is not an apply: whoever changes a field takes it from all others.</summary>
public static class ManagedFieldsUpdater
{
    /// <summary>Sets <c>metadata.managedFields</c> of <paramref name="updated"/>. When nothing changed they stay exactly as stored, so that
    /// a write without effect can be recognised by comparing the objects.</summary>
    /// <param name="live">The stored object, or null on create.</param>
    /// <param name="updated">The object about to be stored, after decoding and defaulting; changed in place.</param>
    /// <param name="manager">Who writes.</param>
    /// <param name="schema">Schema of the object.</param>
    /// <param name="now">Time of the write.</param>
    public static void Update(JsonObject? live, JsonObject updated, FieldManager manager, ResourceSchema schema, DateTimeOffset now)
    {
        var requested = ManagedFields.Find(updated);
        var managed = OwnersBefore(live, requested, manager, schema);
        if (live is not null && managed.IsEmpty)
        {
            // Nobody tracked this object so far; the first apply starts it.
            managed.WriteTo(updated);
            return;
        }
        var delta = FieldDelta.Between(live ?? [], updated, schema);
        if (delta.IsEmpty && live is not null && requested is null)
        {
            CopyStored(live, updated);
            return;
        }
        Track(managed, delta, manager, ManagedFields.TimeText(now));
        managed.WriteTo(updated);
    }

    internal static void Track(ManagedFields managed, FieldDelta delta, FieldManager manager, string time)
    {
        managed.Disown(delta.Changed);
        managed.Disown(delta.Removed);
        if (delta.ChangedOrNull is null)
            return;
        var own = managed.EntryOf(manager, isApply: false);
        var fields = own is null ? delta.Changed : FieldSet.Union(own.Fields, delta.Changed);
        managed.Replace(own, new ManagedEntry(manager, isApply: false, time, fields));
        managed.CapUpdateManagers();
    }

    // A client may rewrite the entries of the object itself, as kubectl does to migrate; through a subresource it may not, and what does
    // not parse is taken for a client that does not know the field.
    private static ManagedFields OwnersBefore(JsonObject? live, JsonArray? requested, FieldManager manager, ResourceSchema schema)
    {
        if (manager.Subresource.Length > 0)
            return live is null ? ManagedFields.None : ManagedFields.OfStored(live, schema);
        if (ManagedFields.IsReset(requested))
            return ManagedFields.None;
        return ManagedFields.OfRequest(requested) ?? (live is null ? ManagedFields.None : ManagedFields.OfStored(live, schema));
    }

    private static void CopyStored(JsonObject live, JsonObject updated)
    {
        if (ManagedFields.Find(live)?.DeepClone() is { } stored && updated.GetObject("metadata") is { } metadata)
            metadata["managedFields"] = stored;
    }
}
