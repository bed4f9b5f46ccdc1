using ControlPlane.Api.Core.V1;

namespace ControlPlane.Agent.Pods;

/// <summary>Questions about a pod's spec that several parts of the agent ask.</summary>
internal static class PodSpecs
{
    public const string RuntimeScheme = "runc://";

    public static IEnumerable<Container> AllContainers(this Pod pod) =>
        pod.Spec is { } spec ? spec.InitContainers.Concat(spec.Containers) : [];

    public static Container? Find(Pod pod, string name) => pod.AllContainers().FirstOrDefault(c => c.Name == name);

    public static bool IsInit(Pod pod, string name) => pod.Spec?.InitContainers.Any(c => c.Name == name) ?? false;

    /// <summary>The containerID of a status: unique on the node and over time.</summary>
    public static string ContainerId(string podUid, string runId) => RuntimeScheme + podUid + "/" + runId;

    public static string RestartPolicyName(this Pod pod) => pod.Spec?.RestartPolicy ?? "Always";

    /// <summary>Seconds between SIGTERM and SIGKILL of one container that is stopped while the pod goes on.</summary>
    public static TimeSpan GracePeriod(this Pod pod) => TimeSpan.FromSeconds(pod.Spec?.TerminationGracePeriodSeconds ?? 30);

    /// <summary>Whether the pod has ended for good: no container of it will ever run again.</summary>
    public static bool IsFinal(string? phase) => phase is "Succeeded" or "Failed";
}
