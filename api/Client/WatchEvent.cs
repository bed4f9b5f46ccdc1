namespace ControlPlane.Api.Client;

/// <summary>What happened to a watched object.</summary>
public enum WatchEventType
{
    /// <summary>It exists now.</summary>
    Added,

    /// <summary>It changed.</summary>
    Modified,

    /// <summary>It is gone; the object is its last state.</summary>
    Deleted,

    /// <summary>Nothing; the watch has seen everything up to the version.</summary>
    Bookmark,
}

/// <summary>One event of a watch.</summary>
/// <param name="Type">What happened.</param>
/// <param name="Object">The object; <c>null</c> for bookmarks.</param>
/// <param name="ResourceVersion">The version to watch on from after this event.</param>
/// <param name="EndsInitialEvents">The bookmark after the initial events of a watch that asked for them.</param>
/// <typeparam name="T">Kind of the object.</typeparam>
public sealed record WatchEvent<T>(WatchEventType Type, T? Object, string ResourceVersion, bool EndsInitialEvents = false) where T : class;
