using ControlPlane.Api.Server.Registry;

namespace ControlPlane.Api.Server.Watching;

/// <summary>One change of one object, as all its watchers see it.</summary>
/// <param name="Revision">The change's revision.</param>
/// <param name="Current">The new state; null when the object was deleted.</param>
/// <param name="Previous">The state before; null when the object was created.</param>
internal sealed record CacheEvent(long Revision, StoredObject? Current, StoredObject? Previous)
{
    /// <summary>Roughly what keeping the event costs beside the objects that the cache holds anyway.</summary>
    public int Size => (Current?.Json.Length ?? 0) + 200;
}
