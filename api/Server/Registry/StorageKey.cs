namespace ControlPlane.Api.Server.Registry;

/// <summary>Keys of objects: <c>/registry/GROUP/RESOURCE/[NAMESPACE/]NAME</c>, with <c>core</c> for the core group.</summary>
internal static class StorageKey
{
    /// <summary>Start of every key.</summary>
    public const string Root = "/registry/";

    /// <summary>Start of a resource's keys, with a trailing slash.</summary>
    public static string Prefix(string group, string plural) => $"{Root}{(group.Length == 0 ? "core" : group)}/{plural}/";

    /// <summary>The part of a key up to and with the slash after the resource; null when the key is none of ours.</summary>
    public static string? PrefixOf(string key)
    {
        if (!key.StartsWith(Root, StringComparison.Ordinal))
            return null;
        var group = key.IndexOf('/', Root.Length);
        var resource = group < 0 ? -1 : key.IndexOf('/', group + 1);
        return resource < 0 ? null : key[..(resource + 1)];
    }

    /// <summary>Start of a namespace's keys, or of all when <paramref name="namespace"/> is empty.</summary>
    public static string Scope(string resourcePrefix, string @namespace) => @namespace.Length == 0 ? resourcePrefix : resourcePrefix + @namespace + "/";

    public static string Of(string resourcePrefix, string @namespace, string name) => Scope(resourcePrefix, @namespace) + name;

    /// <summary>Namespace (empty for cluster-scoped resources) and name of a key.</summary>
    public static (string Namespace, string Name) Split(string resourcePrefix, string key, bool isNamespaced)
    {
        var rest = key[resourcePrefix.Length..];
        var slash = isNamespaced ? rest.IndexOf('/', StringComparison.Ordinal) : -1;
        return slash < 0 ? ("", rest) : (rest[..slash], rest[(slash + 1)..]);
    }
}
