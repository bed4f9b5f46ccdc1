using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Platform.V1;
using ControlPlane.Controllers.Caching;

namespace ControlPlane.Controllers.Groups;

/// <summary>What the groups controller reads.</summary>
internal sealed record GroupCaches(ObjectCache<Group> Groups, ObjectCache<App> Apps, ObjectCache<Pod> Pods)
{
    /// <summary>The apps that a group controls.</summary>
    public IReadOnlyList<App> AppsOf(Group group) =>
        Apps.OwnedBy(group.Metadata.Uid ?? "");

    /// <summary>How the groups of a namespace depend on each other.</summary>
    public GroupGraph GraphOf(string @namespace) => new(Groups.InNamespace(@namespace));

    /// <summary>Names of a group's apps of which pods exist.</summary>
    public IReadOnlySet<string> AppsWithPods(Group group) => Pods.IndexBy("group", static pod =>
            pod.Metadata.Labels.TryGetValue(WellKnownLabels.Group, out var name) ? [$"{pod.Metadata.Namespace}/{name}"] : [])
        [$"{group.Metadata.Namespace}/{group.Metadata.Name}"]
        .Select(static pod => pod.Metadata.Labels.GetValueOrDefault(WellKnownLabels.App)).OfType<string>().ToHashSet(StringComparer.Ordinal);
}
