using ControlPlane.Api.Coordination.V1;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;

namespace ControlPlane.Controllers.Nodes;

/// <summary>Registers the nodes controller.</summary>
public static class NodesController
{
    /// <summary>Nodes' addresses for pods, their health by heartbeat leases, and what becomes of pods on lost nodes.</summary>
    public static ControllerHostBuilder AddNodesController(this ControllerHostBuilder builder)
    {
        var options = NodesOptions.From(builder);
        return builder.AddController("nodes", controller => controller
            .Watches<Node>(static _ => [NodesReconciler.Cycle])
            .StartsWith(NodesReconciler.Cycle)
            .Workers(1)
            .Reconciles(context => new NodesReconciler(
                context, options, new NodesCaches(context.Cache<Node>(), context.Cache<Lease>(), context.Cache<Pod>()))));
    }
}
