using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Controllers.Scheduling.Constraints;

namespace ControlPlane.Controllers.Scheduling;

/// <summary>Decides about all waiting pods at once. Pure.</summary>
internal static class SchedulingPlanner
{
    public const string SchedulerName = "default-scheduler";

    /// <summary>Whether a pod waits for this scheduler.</summary>
    public static bool IsPending(Pod pod) =>
        string.IsNullOrEmpty(pod.Spec?.NodeName) && pod.Metadata.DeletionTimestamp is null
        && (pod.Spec?.SchedulerName ?? SchedulerName) == SchedulerName && pod.Status?.Phase is not ("Succeeded" or "Failed");

    /// <summary>Where each waiting pod goes, the longest waiting first.</summary>
    /// <param name="nodes">All nodes.</param>
    /// <param name="pods">All pods.</param>
    /// <param name="sizeOf">How many instances an app should have; <c>null</c> when it is not known.</param>
    public static SchedulingPlan Plan(IEnumerable<Node> nodes, IReadOnlyList<Pod> pods, Func<InstanceGroup, int?> sizeOf)
    {
        var snapshot = ClusterSnapshot.Of(nodes, pods);
        var bindings = new List<PodBinding>();
        var waiting = new List<Unschedulable>();
        var pending = pods.Where(IsPending).OrderBy(static pod => pod.Metadata.CreationTimestamp).ThenBy(static pod => ObjectKey.Of(pod).ToString(), StringComparer.Ordinal);
        foreach (var pod in pending)
        {
            var group = InstanceGroup.Of(pod);
            var size = group is { } known ? sizeOf(known) ?? snapshot.PlacesOf(known).Count + 1 : 1;
            var candidate = new PendingPod(pod, PodDemand.Of(pod), group, size, NodeConstraint.Of(pod));
            var decision = Scheduler.Place(snapshot, candidate);
            if (decision.Node is { } node)
            {
                snapshot.Take(node, candidate.Demand, group);
                bindings.Add(new PodBinding(pod, snapshot.Nodes[node].Metadata.Name!));
            }
            else
            {
                waiting.Add(new Unschedulable(pod, decision.Reason!));
            }
        }

        return new SchedulingPlan(bindings, waiting);
    }
}

/// <summary>What to do about waiting pods.</summary>
/// <param name="Bindings">Pods that get a node.</param>
/// <param name="Unschedulable">Pods that do not.</param>
internal sealed record SchedulingPlan(IReadOnlyList<PodBinding> Bindings, IReadOnlyList<Unschedulable> Unschedulable);

/// <summary>A pod and its node.</summary>
internal sealed record PodBinding(Pod Pod, string Node);

/// <summary>A pod that fits nowhere, and why.</summary>
internal sealed record Unschedulable(Pod Pod, string Reason);
