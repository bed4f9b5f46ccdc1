namespace ControlPlane.Controllers.Caching;

/// <summary>A change of a cache. One of the two may be absent: created or deleted.</summary>
/// <param name="Old">Before.</param>
/// <param name="New">After.</param>
/// <typeparam name="T">Kind.</typeparam>
public readonly record struct CacheChange<T>(T? Old, T? New) where T : class;
