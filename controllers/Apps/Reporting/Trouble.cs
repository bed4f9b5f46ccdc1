using ControlPlane.Api.Core.V1;

namespace ControlPlane.Controllers.Apps.Reporting;

/// <summary>What keeps an instance from being ready, as far as its pod tells.</summary>
internal static class Trouble
{
    // An instance that is only on its way is in none.
    private static readonly HashSet<string?> OnItsWay = ["ContainerCreating", "PodInitializing", null, ""];

    /// <summary>A sentence, or <c>null</c> when nothing is wrong.</summary>
    public static string? Of(Instance instance)
    {
        var status = instance.Pod.Status;
        if (status is null || instance.Ready)
            return null;
        if (status.Conditions.FirstOrDefault(static c => c is { Type: "PodScheduled", Status: "False" }) is { } unscheduled)
            return $"{instance.Name} has no node: {unscheduled.Message}";
        foreach (var container in status.InitContainerStatuses.Concat(status.ContainerStatuses))
        {
            if (container.State?.Waiting is { } waiting && !OnItsWay.Contains(waiting.Reason))
                return $"{instance.Name} waits: {waiting.Reason}{Ended(container)}{(waiting.Message is { Length: > 0 } message ? ": " + message : "")}";
        }

        return status.Phase == "Failed" ? $"{instance.Name} failed: {status.Reason ?? "Error"}{(status.Message is { } text ? ": " + text : "")}" : null;
    }

    private static string Ended(ContainerStatus container) =>
        container.LastState?.Terminated is { } terminated ? $" (exit code {terminated.ExitCode}, {terminated.Reason})" : "";
}
