using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;

namespace ControlPlane.Api.Server.Registry.Strategies;

/// <summary>How firmly a pod's resources are promised: Guaranteed, Burstable or BestEffort.</summary>
internal static class QualityOfService
{
    private static readonly string[] Resources = ["cpu", "memory"];

    public static string Of(JsonObject spec)
    {
        var any = false;
        var guaranteed = true;
        foreach (var container in (spec.GetArray("initContainers") ?? []).Concat(spec.GetArray("containers") ?? []).OfType<JsonObject>())
        {
            var limits = container.GetObject("resources")?.GetObject("limits");
            var requests = container.GetObject("resources")?.GetObject("requests");
            foreach (var resource in Resources)
            {
                var limit = limits?.GetString(resource);
                var request = requests?.GetString(resource);
                any |= limit is not null || request is not null;
                guaranteed &= limit is not null && (request is null || request == limit);
            }
        }
        return !any ? "BestEffort" : guaranteed ? "Guaranteed" : "Burstable";
    }
}
