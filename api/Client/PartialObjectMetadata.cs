using ControlPlane.Api.Meta;

namespace ControlPlane.Api.Client;

/// <summary>An object of any kind, reduced to its metadata: cheap to list and watch.</summary>
public sealed record PartialObjectMetadata : Resource;
