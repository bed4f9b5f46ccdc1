using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Platform.V1;

namespace ControlPlane.Controllers.Groups;

/// <summary>Registers the groups controller.</summary>
public static class GroupsController
{
    /// <summary>Makes an App of each entry of a group, and stops them in reverse order of their dependencies.</summary>
    public static ControllerHostBuilder AddGroupsController(this ControllerHostBuilder builder) =>
        builder.AddController("groups", static controller => controller
            .For<Group>()
            .Owns<App>()
            // Groups that are part of this one, that it is part of, or that wait for it.
            .Watches<Group>(static (group, context) => context.Cache<Group>().List()
                .Where(other => other.Metadata.Namespace == group.Metadata.Namespace
                    && (other.Spec.Parent == group.Metadata.Name || group.Spec.Parent == other.Metadata.Name || other.Spec.Dependencies.Contains(group.Metadata.Name!)))
                .Select(static other => ObjectKey.Of(other)))
            // An ordered stop waits until the pods of a layer are gone.
            .Watches<Pod>(static pod => pod.Metadata.Labels.TryGetValue(WellKnownLabels.Group, out var group) ? [new ObjectKey(pod.Metadata.Namespace ?? "", group)] : [])
            .Reconciles(static context => new GroupReconciler(context, new GroupCaches(context.Cache<Group>(), context.Cache<App>(), context.Cache<Pod>()))));
}
