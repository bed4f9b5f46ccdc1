using ControlPlane.Api.Client;
using ControlPlane.Api.Meta;

namespace ControlPlane.Controllers.GarbageCollection;

/// <summary>An object of any kind, as far as garbage collection cares.</summary>
/// <param name="Resource">Its kind.</param>
/// <param name="Metadata">Its metadata.</param>
internal sealed record ObservedObject(ResourceInfo Resource, ObjectMeta Metadata)
{
    public ObjectKey Key => new(Metadata.Namespace ?? "", Metadata.Name ?? "");

    public string Uid => Metadata.Uid ?? "";

    public bool IsDeleting => Metadata.DeletionTimestamp is not null;

    /// <summary>For events and logs.</summary>
    public PartialObjectMetadata ToReference() => new() { ApiVersion = Resource.ApiVersion, Kind = Resource.Kind, Metadata = Metadata };
}
