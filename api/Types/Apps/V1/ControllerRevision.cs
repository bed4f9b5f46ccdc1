using System.Text.Json.Nodes;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Schema;

namespace ControlPlane.Api.Apps.V1;

/// <summary>An immutable snapshot of an app's template.</summary>
[Resource("apps", "v1", "ControllerRevision", "controllerrevisions")]
[Column("Controller", "string", ".metadata.ownerReferences[0].name")]
[Column("Revision", "integer", ".revision")]
[Column("Age", "date", ".metadata.creationTimestamp")]
public sealed record ControllerRevision : Resource
{
    /// <summary>The snapshot.</summary>
    [AnyJson, ImmutableField]
    public JsonObject? Data { get; init; }

    /// <summary>Counts the app's revisions.</summary>
    public required long Revision { get; init; }
}
