using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Serialization;

namespace ControlPlane.Api.Client;

/// <summary>
/// Operations on any kind, named by its <see cref="ResourceInfo"/>. <c>T</c> is <see cref="JsonObject"/> for whole objects,
/// <see cref="PartialObjectMetadata"/> for metadata only, or a record that fits.
/// </summary>
public static class DynamicOperations
{
    /// <summary>Reads an object.</summary>
    public static Task<T> GetAsync<T>(this IApiClient client, ResourceInfo resource, ObjectKey key, CancellationToken cancellationToken) where T : class =>
        client.SendAsync<T>(ApiRequest.For(HttpMethod.Get, resource, key) with { Accept = AcceptFor<T>(MediaTypes.Metadata) }, cancellationToken);

    /// <summary>Reads an object; <c>null</c> when there is none.</summary>
    public static async Task<T?> TryGetAsync<T>(this IApiClient client, ResourceInfo resource, ObjectKey key, CancellationToken cancellationToken) where T : class
    {
        try
        {
            return await client.GetAsync<T>(resource, key, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>Reads a page of objects.</summary>
    public static Task<ResourceList<T>> ListAsync<T>(this IApiClient client, ResourceInfo resource, ListOptions options, CancellationToken cancellationToken) where T : class
    {
        var request = ApiRequest.For(HttpMethod.Get, resource, new ObjectKey(options.Namespace, "")) with
        {
            Query = options.ToQuery(),
            Accept = AcceptFor<T>(MediaTypes.MetadataList),
        };
        return client.SendAsync<ResourceList<T>>(request, cancellationToken);
    }

    /// <summary>Reads all objects, page by page, all as of one moment.</summary>
    public static async IAsyncEnumerable<T> ListAllAsync<T>(
        this IApiClient client, ResourceInfo resource, ListOptions options, [EnumeratorCancellation] CancellationToken cancellationToken) where T : class
    {
        var page = options with { Limit = options.Limit ?? 500 };
        do
        {
            var list = await client.ListAsync<T>(resource, page, cancellationToken).ConfigureAwait(false);
            foreach (var item in list.Items)
                yield return item;
            page = page with { Continue = list.Metadata.Continue };
        }
        while (!string.IsNullOrEmpty(page.Continue));
    }

    /// <summary>Watches objects until the server ends the stream.</summary>
    public static IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(this IApiClient client, ResourceInfo resource, WatchOptions options, CancellationToken cancellationToken) where T : class
    {
        var request = ApiRequest.For(HttpMethod.Get, resource, new ObjectKey(options.Namespace, "")) with
        {
            Query = options.ToQuery(),
            Accept = AcceptFor<T>(MediaTypes.Metadata),
        };
        return client.WatchAsync<T>(request, cancellationToken);
    }

    /// <summary>Creates an object.</summary>
    /// <returns>It as stored.</returns>
    public static Task<JsonObject> CreateAsync(
        this IApiClient client, ResourceInfo resource, string @namespace, JsonObject item, CancellationToken cancellationToken, WriteOptions? options = null) =>
        client.SendAsync<JsonObject>(Write(HttpMethod.Post, resource, new ObjectKey(@namespace, ""), item, options), cancellationToken);

    /// <summary>Replaces an object or a subresource of it.</summary>
    /// <returns>It as stored.</returns>
    public static Task<JsonObject> UpdateAsync(
        this IApiClient client, ResourceInfo resource, ObjectKey key, JsonObject item, CancellationToken cancellationToken, string? subresource = null) =>
        client.SendAsync<JsonObject>(Write(HttpMethod.Put, resource, key, item, null, subresource), cancellationToken);

    /// <summary>Changes parts of an object or a subresource of it.</summary>
    /// <returns>It as stored.</returns>
    public static Task<T> PatchAsync<T>(
        this IApiClient client, ResourceInfo resource, ObjectKey key, PatchBody patch, CancellationToken cancellationToken, string? subresource = null) where T : class
    {
        var request = ApiRequest.For(HttpMethod.Patch, resource, key, subresource) with
        {
            Query = WriteOptions.Default.ToQuery(),
            Accept = AcceptFor<T>(MediaTypes.Metadata),
            ContentType = patch.ContentType,
            Body = patch.Utf8,
        };
        return client.SendAsync<T>(request, cancellationToken);
    }

    /// <summary>Server-side apply of a JSON tree; fails with a conflict on others' fields unless forced.</summary>
    /// <returns>It as stored.</returns>
    public static Task<JsonObject> ApplyAsync(
        this IApiClient client, ResourceInfo resource, ObjectKey key, JsonObject item, WriteOptions options, CancellationToken cancellationToken)
    {
        var request = ApiRequest.For(HttpMethod.Patch, resource, key) with
        {
            Query = options.ToQuery(isApply: true),
            ContentType = MediaTypes.ApplyPatch,
            Body = Utf8Json.Write(item),
        };
        return client.SendAsync<JsonObject>(request, cancellationToken);
    }

    /// <summary>Deletes an object.</summary>
    public static async Task<DeleteResult> DeleteAsync(
        this IApiClient client, ResourceInfo resource, ObjectKey key, CancellationToken cancellationToken, DeleteOptions? options = null)
    {
        var answer = await client.SendAsync<JsonObject>(DeleteRequest(resource, key, options), cancellationToken).ConfigureAwait(false);
        return ReadDeleteResult(answer);
    }

    /// <summary>Deletes an object if it is there.</summary>
    /// <returns>Whether it was.</returns>
    public static async Task<bool> TryDeleteAsync(
        this IApiClient client, ResourceInfo resource, ObjectKey key, CancellationToken cancellationToken, DeleteOptions? options = null)
    {
        try
        {
            await client.DeleteAsync(resource, key, cancellationToken, options).ConfigureAwait(false);
            return true;
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return false;
        }
    }

    /// <summary>Deletes every object of a kind in a namespace that the options select.</summary>
    public static Task DeleteCollectionAsync(
        this IApiClient client, ResourceInfo resource, ListOptions selection, CancellationToken cancellationToken, DeleteOptions? options = null) =>
        client.SendAsync<JsonObject>(
            DeleteRequest(resource, new ObjectKey(selection.Namespace, ""), options) with { Query = selection.ToQuery() }, cancellationToken);

    /// <summary>Reads what the answer to a delete says.</summary>
    public static DeleteResult ReadDeleteResult(JsonObject answer)
    {
        if ((string?)answer["kind"] == "Status")
            return new DeleteResult(true, (string?)answer["details"]?["uid"], null);
        var metadata = answer["metadata"] as JsonObject;
        var lingers = metadata?["deletionTimestamp"] is not null
            && (metadata["finalizers"] is JsonArray { Count: > 0 } || (long?)metadata["deletionGracePeriodSeconds"] is > 0);
        return new DeleteResult(!lingers, (string?)metadata?["uid"], (string?)metadata?["resourceVersion"]);
    }

    private static ApiRequest DeleteRequest(ResourceInfo resource, ObjectKey key, DeleteOptions? options) =>
        ApiRequest.For(HttpMethod.Delete, resource, key) with
        {
            ContentType = MediaTypes.Json,
            Body = options is null ? default : ApiJson.Serialize(options).AsMemory(),
        };

    private static ApiRequest Write(HttpMethod method, ResourceInfo resource, ObjectKey key, JsonObject item, WriteOptions? options, string? subresource = null) =>
        ApiRequest.For(method, resource, key, subresource) with
        {
            Query = (options ?? WriteOptions.Default).ToQuery(),
            ContentType = MediaTypes.Json,
            Body = Utf8Json.Write(item),
        };

    private static string AcceptFor<T>(string metadata) => typeof(T) == typeof(PartialObjectMetadata) ? metadata : MediaTypes.Json;
}
