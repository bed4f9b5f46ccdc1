using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Platform.V1;
using ControlPlane.Controllers.Caching;

namespace ControlPlane.Controllers.Groups;

/// <summary>What the groups controller reads.</summary>
internal sealed record GroupCaches(ObjectCache<Group> Groups, ObjectCache<App> Apps, ObjectCache<Pod> Pods)
{
    /// <summary>The apps that a group controls.</summary>
    public IReadOnlyList<App> AppsOf(Group group) =>
        [.. Apps.List().Where(app => app.Metadata.Namespace == group.Metadata.Namespace && app.IsControlledBy(group))];

    /// <summary>The groups that are part of a group.</summary>
    public IReadOnlyList<Group> ChildrenOf(Group group) =>
        [.. Groups.List().Where(other => other.Metadata.Namespace == group.Metadata.Namespace && other.Spec.Parent == group.Metadata.Name)];

    /// <summary>Names of a namespace's apps of which pods exist.</summary>
    public IReadOnlySet<string> AppsWithPods(string @namespace) =>
        Pods.List().Where(pod => pod.Metadata.Namespace == @namespace).Select(static pod => pod.Metadata.Labels.GetValueOrDefault(WellKnownLabels.App)).OfType<string>().ToHashSet();
}
