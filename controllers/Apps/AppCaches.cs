using ControlPlane.Api.Apps.V1;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Platform.V1;
using ControlPlane.Controllers.Caching;

namespace ControlPlane.Controllers.Apps;

/// <summary>What the apps controller reads.</summary>
internal sealed record AppCaches(ObjectCache<App> Apps, ObjectCache<Pod> Pods, ObjectCache<ControllerRevision> Revisions, ObjectCache<Node> Nodes)
{
    /// <summary>The pods that an app controls.</summary>
    public IReadOnlyList<Pod> PodsOf(App app) =>
        Pods.OwnedBy(app.Metadata.Uid ?? "");

    /// <summary>The revisions that an app controls.</summary>
    public IReadOnlyList<ControllerRevision> RevisionsOf(App app) =>
        Revisions.OwnedBy(app.Metadata.Uid ?? "");
}
