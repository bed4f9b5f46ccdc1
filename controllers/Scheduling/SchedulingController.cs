using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Platform.V1;

namespace ControlPlane.Controllers.Scheduling;

/// <summary>Registers the scheduler.</summary>
public static class SchedulingController
{
    /// <summary>Puts pods on nodes, or says why it cannot.</summary>
    public static ControllerHostBuilder AddSchedulingController(this ControllerHostBuilder builder) =>
        builder.AddController("scheduling", static controller => controller
            .Watches<Pod>(static _ => [SchedulingReconciler.Cycle])
            .Watches<Node>(static _ => [SchedulingReconciler.Cycle])
            .StartsWith(SchedulingReconciler.Cycle)
            .Workers(1)
            .Reconciles(static context => new SchedulingReconciler(context, context.Cache<Pod>(), context.Cache<Node>(), context.Cache<App>())));
}
