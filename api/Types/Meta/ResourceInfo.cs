using System.Collections.Concurrent;
using System.Reflection;
using ControlPlane.Api.Schema;

namespace ControlPlane.Api.Meta;

/// <summary>Where a kind is served: what a client needs to build its URLs.</summary>
/// <param name="Group">API group; empty for core.</param>
/// <param name="Version">API version.</param>
/// <param name="Kind">CamelCase kind.</param>
/// <param name="Plural">Lower-case plural.</param>
/// <param name="Scope">In a namespace or not.</param>
public sealed record ResourceInfo(string Group, string Version, string Kind, string Plural, ResourceScope Scope)
{
    private static readonly ConcurrentDictionary<Type, ResourceInfo?> Known = new();

    /// <summary><c>group/version</c>, or <c>version</c> for core.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : Group + "/" + Version;

    /// <summary><c>plural.group</c>, or <c>plural</c> for core; as in error messages.</summary>
    public string Resource => Group.Length == 0 ? Plural : Plural + "." + Group;

    /// <summary>Whether objects live in a namespace.</summary>
    public bool IsNamespaced => Scope == ResourceScope.Namespaced;

    /// <summary>The kind that <typeparamref name="T"/> is.</summary>
    /// <exception cref="InvalidOperationException">The type has no <see cref="ResourceAttribute"/>.</exception>
    public static ResourceInfo Of<T>() where T : Resource => Of(typeof(T));

    /// <summary>The kind that a record type is.</summary>
    /// <exception cref="InvalidOperationException">The type has no <see cref="ResourceAttribute"/>.</exception>
    public static ResourceInfo Of(Type type) =>
        Find(type) ?? throw new InvalidOperationException($"{type} is no API kind: it has no [Resource] attribute.");

    /// <summary>The kind that a record type is, or <c>null</c>.</summary>
    public static ResourceInfo? Find(Type type) => Known.GetOrAdd(type, static t =>
        t.GetCustomAttribute<ResourceAttribute>() is { } a ? new ResourceInfo(a.Group, a.Version, a.Kind, a.Plural, a.Scope) : null);

    /// <summary>URL path of the collection, or of one object, or of its subresource.</summary>
    public string Path(string? @namespace, string? name = null, string? subresource = null)
    {
        var root = Group.Length == 0 ? $"/api/{Version}" : $"/apis/{Group}/{Version}";
        if (IsNamespaced && !string.IsNullOrEmpty(@namespace))
            root += "/namespaces/" + Uri.EscapeDataString(@namespace);
        root += "/" + Plural;
        if (name is not null)
            root += "/" + Uri.EscapeDataString(name);
        return subresource is null ? root : root + "/" + subresource;
    }
}
