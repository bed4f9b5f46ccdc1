using System.Text.Json.Nodes;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Serialization;

namespace ControlPlane.Api.Client;

/// <summary>Operations on the kinds that have records.</summary>
public static class TypedOperations
{
    /// <summary>Reads an object.</summary>
    /// <exception cref="ApiException"><see cref="ApiException.IsNotFound"/>, and others.</exception>
    public static Task<T> GetAsync<T>(this IApiClient client, ObjectKey key, CancellationToken cancellationToken) where T : Resource =>
        client.SendAsync<T>(ApiRequest.For(HttpMethod.Get, ResourceInfo.Of<T>(), key), cancellationToken);

    /// <summary>Reads an object; <c>null</c> when there is none.</summary>
    public static async Task<T?> TryGetAsync<T>(this IApiClient client, ObjectKey key, CancellationToken cancellationToken) where T : Resource
    {
        try
        {
            return await client.GetAsync<T>(key, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>Reads a page of objects.</summary>
    public static Task<ResourceList<T>> ListAsync<T>(this IApiClient client, ListOptions options, CancellationToken cancellationToken) where T : Resource =>
        client.ListAsync<T>(ResourceInfo.Of<T>(), options, cancellationToken);

    /// <summary>Watches objects until the server ends the stream.</summary>
    public static IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(this IApiClient client, WatchOptions options, CancellationToken cancellationToken) where T : Resource =>
        client.WatchAsync<T>(ResourceInfo.Of<T>(), options, cancellationToken);

    /// <summary>Creates an object.</summary>
    /// <returns>It as stored.</returns>
    public static Task<T> CreateAsync<T>(this IApiClient client, T item, CancellationToken cancellationToken, WriteOptions? options = null) where T : Resource
    {
        var collection = new ObjectKey(item.Metadata.Namespace ?? "", "");
        return client.SendAsync<T>(Write(HttpMethod.Post, ResourceInfo.Of<T>(), collection, null, item, options), cancellationToken);
    }

    /// <summary>Replaces an object; with a resourceVersion only if it is still that version.</summary>
    /// <returns>It as stored.</returns>
    public static Task<T> UpdateAsync<T>(this IApiClient client, T item, CancellationToken cancellationToken, WriteOptions? options = null) where T : Resource =>
        client.SendAsync<T>(Write(HttpMethod.Put, ResourceInfo.Of<T>(), ObjectKey.Of(item), null, item, options), cancellationToken);

    /// <summary>Replaces an object's status; with a resourceVersion only if it is still that version.</summary>
    /// <returns>The object as stored.</returns>
    public static Task<T> UpdateStatusAsync<T>(this IApiClient client, T item, CancellationToken cancellationToken, WriteOptions? options = null) where T : Resource =>
        client.SendAsync<T>(Write(HttpMethod.Put, ResourceInfo.Of<T>(), ObjectKey.Of(item), "status", item, options), cancellationToken);

    /// <summary>Changes parts of an object.</summary>
    /// <returns>It as stored.</returns>
    public static Task<T> PatchAsync<T>(this IApiClient client, ObjectKey key, PatchBody patch, CancellationToken cancellationToken, WriteOptions? options = null) where T : Resource =>
        client.SendAsync<T>(Patch(ResourceInfo.Of<T>(), key, null, patch, options), cancellationToken);

    /// <summary>Changes parts of an object's status.</summary>
    /// <returns>The object as stored.</returns>
    public static Task<T> PatchStatusAsync<T>(this IApiClient client, ObjectKey key, PatchBody patch, CancellationToken cancellationToken, WriteOptions? options = null) where T : Resource =>
        client.SendAsync<T>(Patch(ResourceInfo.Of<T>(), key, "status", patch, options), cancellationToken);

    /// <summary>
    /// Server-side apply: creates the object, or makes the fields in <paramref name="item"/> so, and removes those that
    /// <paramref name="fieldManager"/> applied before and no longer does. Takes fields over from other managers, as a controller should.
    /// </summary>
    /// <returns>It as stored.</returns>
    public static Task<T> ApplyAsync<T>(this IApiClient client, T item, string fieldManager, CancellationToken cancellationToken) where T : Resource =>
        client.ApplyAsync(item, new WriteOptions { FieldManager = fieldManager, Force = true }, cancellationToken);

    /// <summary>Server-side apply; fails with a conflict on others' fields unless forced.</summary>
    /// <returns>It as stored.</returns>
    public static Task<T> ApplyAsync<T>(this IApiClient client, T item, WriteOptions options, CancellationToken cancellationToken) where T : Resource =>
        client.SendAsync<T>(Apply(item, null, options), cancellationToken);

    /// <summary>Server-side apply of an object's status; takes fields over.</summary>
    /// <returns>The object as stored.</returns>
    public static Task<T> ApplyStatusAsync<T>(this IApiClient client, T item, string fieldManager, CancellationToken cancellationToken) where T : Resource =>
        client.SendAsync<T>(Apply(item, "status", new WriteOptions { FieldManager = fieldManager, Force = true }), cancellationToken);

    /// <summary>Deletes an object.</summary>
    /// <exception cref="ApiException"><see cref="ApiException.IsNotFound"/>, <see cref="ApiException.IsConflict"/> for preconditions, and others.</exception>
    public static Task<DeleteResult> DeleteAsync<T>(this IApiClient client, ObjectKey key, CancellationToken cancellationToken, DeleteOptions? options = null) where T : Resource =>
        client.DeleteAsync(ResourceInfo.Of<T>(), key, cancellationToken, options);

    /// <summary>Deletes an object if it is there.</summary>
    /// <returns>Whether it was.</returns>
    public static Task<bool> TryDeleteAsync<T>(this IApiClient client, ObjectKey key, CancellationToken cancellationToken, DeleteOptions? options = null) where T : Resource =>
        client.TryDeleteAsync(ResourceInfo.Of<T>(), key, cancellationToken, options);

    /// <summary>Puts a pod on a node.</summary>
    /// <exception cref="ApiException"><see cref="ApiException.IsConflict"/> when it is on one already, and others.</exception>
    public static Task<JsonObject> BindAsync(this IApiClient client, Pod pod, string nodeName, CancellationToken cancellationToken)
    {
        var binding = new Binding
        {
            ApiVersion = "v1",
            Kind = "Binding",
            // The UID keeps the binding from hitting another pod of the same name.
            Metadata = new ObjectMeta { Name = pod.Metadata.Name, Namespace = pod.Metadata.Namespace, Uid = pod.Metadata.Uid },
            Target = new ObjectReference { ApiVersion = "v1", Kind = "Node", Name = nodeName },
        };
        var request = Write(HttpMethod.Post, ResourceInfo.Of<Pod>(), ObjectKey.Of(pod), "binding", binding, WriteOptions.Default);
        return client.SendAsync<JsonObject>(request, cancellationToken);
    }

    private static ApiRequest Write<T>(HttpMethod method, ResourceInfo resource, ObjectKey key, string? subresource, T item, WriteOptions? options) =>
        ApiRequest.For(method, resource, key, subresource) with
        {
            Query = (options ?? WriteOptions.Default).ToQuery(),
            ContentType = MediaTypes.Json,
            Body = ApiJson.Serialize(item),
        };

    private static ApiRequest Patch(ResourceInfo resource, ObjectKey key, string? subresource, PatchBody patch, WriteOptions? options) =>
        ApiRequest.For(HttpMethod.Patch, resource, key, subresource) with
        {
            Query = (options ?? WriteOptions.Default).ToQuery(),
            ContentType = patch.ContentType,
            Body = patch.Utf8,
        };

    private static ApiRequest Apply<T>(T item, string? subresource, WriteOptions options) where T : Resource
    {
        // An applied configuration states intent: what the server wrote has no place in it.
        var intent = item with { Metadata = item.Metadata with { ManagedFields = [], CreationTimestamp = null, Generation = null } };
        return ApiRequest.For(HttpMethod.Patch, ResourceInfo.Of<T>(), ObjectKey.Of(item), subresource) with
        {
            Query = options.ToQuery(isApply: true),
            ContentType = MediaTypes.ApplyPatch,
            Body = ApiJson.Serialize((T)intent),
        };
    }
}
