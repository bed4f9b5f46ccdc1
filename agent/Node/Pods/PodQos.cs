using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Values;

namespace ControlPlane.Agent.Pods;

/// <summary>Kubernetes' quality-of-service classes, from requests and limits of cpu and memory.</summary>
internal static class PodQos
{
    public const string Guaranteed = "Guaranteed";
    public const string Burstable = "Burstable";
    public const string BestEffort = "BestEffort";

    private static readonly string[] Considered = ["cpu", "memory"];

    public static string Of(PodSpec spec)
    {
        var containers = spec.InitContainers.Concat(spec.Containers).ToList();
        if (containers.All(c => !Considered.Any(r => IsSet(c.Resources?.Requests, r) || IsSet(c.Resources?.Limits, r))))
            return BestEffort;
        return containers.All(IsGuaranteed) ? Guaranteed : Burstable;
    }

    private static bool IsGuaranteed(Container container) => Considered.All(resource =>
        IsSet(container.Resources?.Limits, resource)
        && (!IsSet(container.Resources!.Requests, resource) || container.Resources.Requests[resource] == container.Resources.Limits[resource]));

    private static bool IsSet(IReadOnlyDictionary<string, Quantity>? amounts, string resource) =>
        amounts is not null && amounts.TryGetValue(resource, out var amount) && amount.Amount > 0;
}
