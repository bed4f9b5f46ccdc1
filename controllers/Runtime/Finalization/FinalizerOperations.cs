using System.Text.Json.Nodes;
using ControlPlane.Api.Client;
using ControlPlane.Api.Meta;

namespace ControlPlane.Controllers.Finalization;

/// <summary>A finalizer keeps an object until its controller has cleaned up after it.</summary>
public static class FinalizerOperations
{
    /// <summary>Whether the object carries the finalizer.</summary>
    public static bool HasFinalizer(this Resource item, string finalizer) => item.Metadata.Finalizers.Contains(finalizer);

    /// <summary>Whether somebody asked to delete the object.</summary>
    public static bool IsDeleting(this Resource item) => item.Metadata.DeletionTimestamp is not null;

    /// <summary>Adds the finalizer if it is missing. Do this before making anything that has to be cleaned up.</summary>
    /// <returns>The object as stored.</returns>
    /// <exception cref="ApiException"><see cref="ApiException.IsConflict"/>: it changed meanwhile; look again.</exception>
    public static async Task<T> AddFinalizerAsync<T>(this IApiClient client, T item, string finalizer, CancellationToken cancellationToken) where T : Resource =>
        item.HasFinalizer(finalizer) ? item : await SetAsync(client, item, [.. item.Metadata.Finalizers, finalizer], cancellationToken).ConfigureAwait(false);

    /// <summary>Removes the finalizer if it is there; with the last one a deleted object goes. Do this after everything is cleaned up.</summary>
    /// <returns>The object as stored, or as it was at its end.</returns>
    /// <exception cref="ApiException"><see cref="ApiException.IsConflict"/>: it changed meanwhile; look again.</exception>
    public static async Task<T> RemoveFinalizerAsync<T>(this IApiClient client, T item, string finalizer, CancellationToken cancellationToken) where T : Resource =>
        item.HasFinalizer(finalizer) ? await SetAsync(client, item, item.Metadata.Finalizers.Where(f => f != finalizer), cancellationToken).ConfigureAwait(false) : item;

    private static Task<T> SetAsync<T>(IApiClient client, T item, IEnumerable<string> finalizers, CancellationToken cancellationToken) where T : Resource
    {
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                // The list is replaced whole, so it must be the list that was read.
                ["resourceVersion"] = item.Metadata.ResourceVersion,
                ["finalizers"] = new JsonArray([.. finalizers.Select(static f => JsonValue.Create(f))]),
            },
        };
        return client.PatchAsync<T>(ObjectKey.Of(item), PatchBody.Merge(patch), cancellationToken);
    }
}
