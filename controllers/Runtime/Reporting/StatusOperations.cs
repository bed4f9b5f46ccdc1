using System.Text.Json.Nodes;
using ControlPlane.Api.Client;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Serialization;

namespace ControlPlane.Controllers.Reporting;

/// <summary>Writes an object's status once, and only when it differs.</summary>
public static class StatusOperations
{
    /// <summary>Patches what differs between the two objects' statuses.</summary>
    /// <param name="client">The API.</param>
    /// <param name="current">As read.</param>
    /// <param name="desired">The same object with the status that it should have.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>The object as stored; <paramref name="current"/> when nothing differs.</returns>
    public static async Task<T> WriteStatusAsync<T>(this IApiClient client, T current, T desired, CancellationToken cancellationToken) where T : Resource
    {
        if (JsonDifference.Between(StatusOf(current), StatusOf(desired)) is not { } difference)
            return current;
        var patch = new JsonObject
        {
            // Not the namesake that may have been created meanwhile.
            ["metadata"] = new JsonObject { ["uid"] = current.Metadata.Uid },
            ["status"] = difference,
        };
        return await client.PatchStatusAsync<T>(ObjectKey.Of(current), PatchBody.Merge(patch), cancellationToken).ConfigureAwait(false);
    }

    private static JsonObject StatusOf<T>(T item) where T : Resource =>
        ApiJson.Deserialize<JsonObject>(ApiJson.Serialize(item))["status"] as JsonObject ?? [];
}
