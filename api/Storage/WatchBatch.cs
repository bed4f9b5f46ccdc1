namespace ControlPlane.Api.Storage;

/// <summary>Changes of one or more whole revisions, in order.</summary>
/// <param name="Revision">Everything up to here has now been seen.</param>
/// <param name="Events">Empty = a progress mark.</param>
public sealed record WatchBatch(Revision Revision, IReadOnlyList<StoreEvent> Events);

/// <summary>One change of one key.</summary>
/// <param name="Key">The key.</param>
/// <param name="Revision">The change's revision.</param>
/// <param name="Value">The new value, or <c>null</c> when the key was deleted.</param>
/// <param name="Previous">The value before, or <c>null</c> when the key was created.</param>
public sealed record StoreEvent(string Key, Revision Revision, ReadOnlyMemory<byte>? Value, StoredValue? Previous);
