using ControlPlane.Api.Client;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Platform.V1;
using ControlPlane.Controllers.Caching;
using ControlPlane.Controllers.Reporting;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Controllers.Scheduling;

/// <summary>
/// Binds waiting pods, a whole batch each time. The cache that it decides on holds its own earlier bindings, so nothing is handed out twice;
/// killed between two bindings, the next one sees what was bound and goes on.
/// </summary>
internal sealed partial class SchedulingReconciler(ControllerContext context, ObjectCache<Pod> pods, ObjectCache<Node> nodes, ObjectCache<App> apps) : IReconciler
{
    /// <summary>The only key.</summary>
    public static readonly ObjectKey Cycle = new("", "all-pods");

    private readonly ILogger _logger = context.Logger<SchedulingReconciler>();

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        var all = pods.List();
        if (!all.Any(SchedulingPlanner.IsPending))
            return ReconcileResult.Done;
        var plan = SchedulingPlanner.Plan(nodes.List(), all, SizeOf);
        var writes = new IndependentWrites(cancellationToken);
        await writes.RunAsync(plan.Bindings, BindAsync);
        await writes.RunAsync(plan.Unschedulable, ExplainAsync);
        writes.ThrowIfFailed();
        return ReconcileResult.Done;
    }

    private int? SizeOf(InstanceGroup group) => apps.Find(new ObjectKey(group.Namespace, group.App))?.Spec.Instances;

    private async Task BindAsync(PodBinding binding, CancellationToken cancellationToken)
    {
        try
        {
            await context.Client.BindAsync(binding.Pod, binding.Node, cancellationToken);
        }
        catch (ApiException e) when (e.IsConflict || e.IsNotFound)
        {
            // Deleted, replaced or bound meanwhile: the watch tells.
            return;
        }

        context.Events.Normal(binding.Pod, "Scheduled", $"Assigned to {binding.Node}.");
        Log.Bound(_logger, ObjectKey.Of(binding.Pod), binding.Node);
    }

    private async Task ExplainAsync(Unschedulable waiting, CancellationToken cancellationToken)
    {
        var pod = waiting.Pod;
        var status = pod.Status ?? new PodStatus();
        var old = status.Conditions.FirstOrDefault(static condition => condition.Type == "PodScheduled");
        if (old is { Status: "False" } && old.Message == waiting.Reason)
            return;
        var condition = new PodCondition
        {
            Type = "PodScheduled",
            Status = "False",
            Reason = "Unschedulable",
            Message = waiting.Reason,
            LastTransitionTime = old is { Status: "False" } ? old.LastTransitionTime : context.Time.GetUtcNow(),
        };
        var conditions = status.Conditions.Where(static c => c.Type != "PodScheduled").Append(condition).ToArray();
        try
        {
            await context.Client.WriteStatusAsync(pod, pod with { Status = status with { Conditions = conditions } }, cancellationToken);
        }
        catch (ApiException e) when (e.IsConflict || e.IsNotFound)
        {
            // As above.
            return;
        }

        context.Events.Warning(pod, "FailedScheduling", waiting.Reason);
    }

    private static partial class Log
    {
        [LoggerMessage(600, LogLevel.Information, "Pod {Pod} goes to node {Node}")]
        public static partial void Bound(ILogger logger, ObjectKey pod, string node);
    }
}
