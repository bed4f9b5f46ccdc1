using System.Text.Json.Nodes;
using ControlPlane.Api.Server.Definitions;
using ControlPlane.Api.Server.Watching;
using ControlPlane.Api.Storage;

namespace ControlPlane.Api.Server.Registry;

/// <summary>Objects in the store: keys, encoding, encryption and read-modify-write. The only caller of the store beside the hub.</summary>
internal sealed class ResourceStore(IRevisionStore store, ValueProtector protector, WatchHub hub)
{
    public WatchCache CacheOf(ResourceDefinition definition) => hub.CacheOf(definition.StoragePrefix);

    /// <summary>The latest state, or null. Linearizable.</summary>
    public async ValueTask<StoredObject?> GetAsync(ResourceDefinition definition, string @namespace, string name, CancellationToken cancellationToken)
    {
        var value = await store.GetAsync(StorageKey.Of(definition.StoragePrefix, @namespace, name), cancellationToken);
        return value is null ? null : protector.Open(value);
    }

    /// <summary>Stores a new object; null when the name is taken.</summary>
    public async ValueTask<StoredObject?> CreateAsync(
        ResourceDefinition definition, string @namespace, string name, JsonObject tree, CancellationToken cancellationToken)
    {
        var key = StorageKey.Of(definition.StoragePrefix, @namespace, name);
        var json = ObjectEncoder.Encode(tree, definition);
        var result = await store.PutAsync(key, protector.Seal(key, json), Expectation.Absent, definition.Strategy.TimeToLive, cancellationToken);
        return result.Committed ? new StoredObject(key, json, result.Revision.Value) : null;
    }

    /// <summary>
    /// Reads an object, asks <paramref name="change"/> what to do with it and does that, again with the fresh object for as long as others are
    /// quicker. <paramref name="change"/> may therefore run several times, and decides by throwing when it will not go on.
    /// </summary>
    /// <returns>What was done; null when there is no such object.</returns>
    public async ValueTask<Change?> UpdateAsync(
        ResourceDefinition definition, string @namespace, string name, Func<StoredObject, ValueTask<Change>> change, CancellationToken cancellationToken)
    {
        var key = StorageKey.Of(definition.StoragePrefix, @namespace, name);
        var value = await store.GetAsync(key, cancellationToken);
        while (value is not null)
        {
            var live = protector.Open(value);
            var decided = await change(live);
            if (decided.Kind == ChangeKind.None)
                return decided;
            var expected = Expectation.At(value.Revision);
            WriteResult result;
            if (decided.Kind == ChangeKind.Delete)
            {
                result = await store.DeleteAsync(key, expected, cancellationToken);
            }
            else
            {
                var json = decided.Object.Json;
                result = await store.PutAsync(key, protector.Seal(key, json), expected, definition.Strategy.TimeToLive, cancellationToken);
            }
            if (result.Committed)
                return decided with { Object = decided.Object.AtRevision(result.Revision.Value) };
            value = result.Current;
        }
        return null;
    }

    /// <summary>A page of objects as they were at a revision.</summary>
    public async ValueTask<ObjectPage> RangeAsync(RangeQuery query, CancellationToken cancellationToken)
    {
        var page = await store.RangeAsync(query, cancellationToken);
        return new ObjectPage([.. page.Items.Select(protector.Open)], page.Revision.Value, page.Remaining);
    }

    public async ValueTask<long> CurrentRevisionAsync(CancellationToken cancellationToken) => (await store.CurrentRevisionAsync(cancellationToken)).Value;
}

/// <summary>Some objects, in key order.</summary>
/// <param name="Objects">The objects.</param>
/// <param name="Revision">When they were read.</param>
/// <param name="Remaining">How many follow.</param>
internal sealed record ObjectPage(IReadOnlyList<StoredObject> Objects, long Revision, long Remaining);

/// <summary>What becomes of an object.</summary>
internal enum ChangeKind
{
    /// <summary>It stays as it is.</summary>
    None,

    /// <summary>It is replaced.</summary>
    Put,

    /// <summary>It is removed.</summary>
    Delete,
}

/// <summary>What becomes of an object, and its state: the new one, or the last one of what is removed.</summary>
internal sealed record Change(ChangeKind Kind, StoredObject Object)
{
    public static Change None(StoredObject live) => new(ChangeKind.None, live);

    public static Change Put(StoredObject live, byte[] json) => new(ChangeKind.Put, new StoredObject(live.Key, json, live.Revision));

    public static Change Delete(StoredObject last) => new(ChangeKind.Delete, last);
}
