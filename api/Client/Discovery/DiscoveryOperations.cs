using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Schema;

namespace ControlPlane.Api.Client.Discovery;

/// <summary>Asks the server what it serves.</summary>
public static class DiscoveryOperations
{
    private static readonly string[] Roots = ["/api", "/apis"];

    /// <summary>Every kind in the first version of its group, which is the one that the server prefers.</summary>
    public static async Task<IReadOnlyList<ServedResource>> DiscoverAsync(this IApiClient client, CancellationToken cancellationToken)
    {
        var found = new List<ServedResource>();
        foreach (var root in Roots)
        {
            var request = new ApiRequest(HttpMethod.Get, root) { Accept = MediaTypes.AggregatedDiscovery };
            var answer = await client.SendAsync<JsonObject>(request, cancellationToken).ConfigureAwait(false);
            if ((string?)answer["kind"] != "APIGroupDiscoveryList")
                throw new JsonException($"{root} answered with kind {(string?)answer["kind"]}: the server has no aggregated discovery.");
            foreach (var group in Objects(answer["items"]))
                AddGroup(group, found);
        }
        return found;
    }

    private static void AddGroup(JsonObject group, List<ServedResource> found)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var version in Objects(group["versions"]))
        {
            foreach (var resource in Objects(version["resources"]))
            {
                var plural = (string?)resource["resource"] ?? "";
                // A later version of a group shows the same objects again; it only counts for kinds the earlier ones lack.
                if (!known.Add(plural))
                    continue;
                var info = new ResourceInfo(
                    (string?)group["metadata"]?["name"] ?? "",
                    (string?)version["version"] ?? "",
                    (string?)resource["responseKind"]?["kind"] ?? "",
                    plural,
                    (string?)resource["scope"] == "Cluster" ? ResourceScope.Cluster : ResourceScope.Namespaced);
                found.Add(new ServedResource(info, [.. (resource["verbs"] as JsonArray ?? []).Select(static v => (string?)v ?? "")]));
            }
        }
    }

    private static IEnumerable<JsonObject> Objects(JsonNode? list) => (list as JsonArray ?? []).OfType<JsonObject>();
}
