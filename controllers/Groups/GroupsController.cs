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
            // What a group waits for depends on groups above, below and beside it: a namespace's groups are few.
            .Watches<Group>(static (group, context) => context.Cache<Group>().InNamespace(group.Metadata.Namespace ?? "").Select(static other => ObjectKey.Of(other)))
            // Somebody else's app whose name a group wants.
            .Watches<App>(static (app, context) => app.Metadata.OwnerReferences.Count > 0 ? [] : context.Cache<Group>().InNamespace(app.Metadata.Namespace ?? "")
                .Where(group => group.Spec.Apps.Any(entry => AppBuilder.NameOf(group.Metadata.Name!, entry.Name) == app.Metadata.Name))
                .Select(static group => ObjectKey.Of(group)))
            // An ordered stop waits until the pods of a layer are gone.
            .Watches<Pod>(static pod => pod.Metadata.Labels.TryGetValue(WellKnownLabels.Group, out var group) ? [new ObjectKey(pod.Metadata.Namespace ?? "", group)] : [])
            .Reconciles(static context => new GroupReconciler(context, new GroupCaches(context.Cache<Group>(), context.Cache<App>(), context.Cache<Pod>()))));
}
