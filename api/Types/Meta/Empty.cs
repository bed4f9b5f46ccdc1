using System.Collections.ObjectModel;

namespace ControlPlane.Api.Meta;

/// <summary>Shared empty collections, the defaults of map properties.</summary>
public static class Empty
{
    /// <summary>No strings.</summary>
    public static IReadOnlyDictionary<string, string> StringMap => ReadOnlyDictionary<string, string>.Empty;

    /// <summary>No entries.</summary>
    public static IReadOnlyDictionary<string, T> Map<T>() => ReadOnlyDictionary<string, T>.Empty;
}
