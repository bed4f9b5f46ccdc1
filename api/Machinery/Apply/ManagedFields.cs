using System.Globalization;
using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Schema;

namespace ControlPlane.Api.Machinery.Apply;

/// <summary>All entries of an object.</summary>
internal sealed class ManagedFields(List<ManagedEntry> entries)
{
    /// <summary>Update entries beyond this many are merged, oldest first.</summary>
    public const int MaxUpdateManagers = 10;

    private const string AncientManager = "ancient-changes";

    public IReadOnlyList<ManagedEntry> Entries => entries;

    public bool IsEmpty => entries.Count == 0;

    public static ManagedFields None => new([]);

    public static ManagedFields OfStored(JsonObject root, ResourceSchema schema)
    {
        var decoded = new List<ManagedEntry>();
        foreach (var node in Find(root) ?? [])
        {
            if (ManagedEntry.DecodeStored(node, schema) is { } entry)
                decoded.Add(entry);
        }
        return new ManagedFields(decoded);
    }

    /// <summary>What a client sent, if it may stand for the entries: null when there is none or any of it is invalid.</summary>
    public static ManagedFields? OfRequest(JsonArray? nodes)
    {
        if (nodes is null || nodes.Count == 0)
            return null;
        var decoded = new List<ManagedEntry>(nodes.Count);
        foreach (var node in nodes)
        {
            if (ManagedEntry.Decode(node) is not { } entry)
                return null;
            decoded.Add(entry);
        }
        return new ManagedFields(decoded);
    }

    public static JsonArray? Find(JsonObject root) => root.GetObject("metadata")?.GetArray("managedFields");

    /// <summary>A list of one empty entry is the agreed way to say "forget all owners".</summary>
    public static bool IsReset(JsonArray? nodes) => nodes is [JsonObject { Count: 0 }];

    public static string TimeText(DateTimeOffset now) => now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public ManagedEntry? EntryOf(FieldManager manager, bool isApply) => entries.Find(entry => entry.IsOf(manager, isApply));

    public void Replace(ManagedEntry? old, ManagedEntry? updated)
    {
        if (old is not null)
            entries.Remove(old);
        if (updated is { Fields.IsEmpty: false })
            entries.Add(updated);
    }

    /// <summary>Every entry loses the given paths; entries left without any go.</summary>
    public void Disown(FieldSet paths)
    {
        if (paths.IsEmpty)
            return;
        for (var i = entries.Count - 1; i >= 0; i--)
        {
            if (!entries[i].Touches(paths))
                continue;
            var left = FieldSet.Difference(entries[i].Fields, paths);
            if (left.IsEmpty)
                entries.RemoveAt(i);
            else
                entries[i] = entries[i].With(left, entries[i].Time);
        }
    }

    public FieldSet OwnedByAll()
    {
        var all = new FieldSet();
        foreach (var entry in entries)
            all = FieldSet.Union(all, entry.Fields);
        return all;
    }

    public void CapUpdateManagers()
    {
        var updates = entries.Where(entry => !entry.IsApply).OrderBy(entry => entry.Time, StringComparer.Ordinal).ToList();
        var count = updates.Count;
        var oldest = new Dictionary<string, ManagedEntry>(StringComparer.Ordinal);
        foreach (var entry in updates)
        {
            if (count <= MaxUpdateManagers)
                return;
            if (!oldest.TryGetValue(entry.Manager.ApiVersion, out var bucket))
            {
                oldest[entry.Manager.ApiVersion] = entry;
                continue;
            }
            var manager = new FieldManager(AncientManager, entry.Manager.ApiVersion);
            var merged = new ManagedEntry(manager, isApply: false, entry.Time, FieldSet.Union(bucket.Fields, entry.Fields));
            entries.Remove(bucket);
            entries.Remove(entry);
            entries.Add(merged);
            oldest[entry.Manager.ApiVersion] = merged;
            count--;
        }
    }

    public void WriteTo(JsonObject root)
    {
        if (root.GetObject("metadata") is not { } metadata)
            root["metadata"] = metadata = [];
        if (entries.Count == 0)
        {
            metadata.Remove("managedFields");
            return;
        }
        entries.Sort(Compare);
        metadata["managedFields"] = new JsonArray([.. entries.Select(entry => entry.Encode())]);
    }

    private static int Compare(ManagedEntry x, ManagedEntry y)
    {
        var order = string.CompareOrdinal(x.Operation, y.Operation);
        if (order == 0)
            order = string.CompareOrdinal(x.Time, y.Time);
        if (order == 0)
            order = string.CompareOrdinal(x.Manager.Name, y.Manager.Name);
        if (order == 0)
            order = string.CompareOrdinal(x.Manager.ApiVersion, y.Manager.ApiVersion);
        return order != 0 ? order : string.CompareOrdinal(x.Manager.Subresource, y.Manager.Subresource);
    }
}
