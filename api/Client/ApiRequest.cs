using ControlPlane.Api.Meta;

namespace ControlPlane.Api.Client;

/// <summary>One request to the API: what every operation becomes before it is sent.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Absolute path without query, escaped.</param>
public sealed record ApiRequest(HttpMethod Method, string Path)
{
    /// <summary>Query parameters, unescaped.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Query { get; init; } = [];

    /// <summary>Wanted media types.</summary>
    public string Accept { get; init; } = MediaTypes.Json;

    /// <summary>Media type of the body.</summary>
    public string? ContentType { get; init; }

    /// <summary>Body; empty = none.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The kind it is about, when it is about one.</summary>
    public ResourceInfo? Resource { get; init; }

    /// <summary>The object it is about; an empty name = the collection.</summary>
    public ObjectKey Key { get; init; }

    /// <summary>Whether it may change something.</summary>
    public bool IsWrite => Method != HttpMethod.Get && Method != HttpMethod.Head;

    /// <summary>Path and escaped query.</summary>
    public string Target => Query.Count == 0
        ? Path
        : Path + "?" + string.Join('&', Query.Select(static p => Uri.EscapeDataString(p.Key) + "=" + Uri.EscapeDataString(p.Value)));

    /// <summary>A request about an object, a collection (no name) or a subresource.</summary>
    public static ApiRequest For(HttpMethod method, ResourceInfo resource, ObjectKey key, string? subresource = null) =>
        new(method, resource.Path(key.Namespace, key.Name.Length == 0 ? null : key.Name, subresource)) { Resource = resource, Key = key };

    /// <summary>Method and target, for logs.</summary>
    public override string ToString() => $"{Method} {Target}";
}
