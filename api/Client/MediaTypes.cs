namespace ControlPlane.Api.Client;

/// <summary>Media types of requests and answers.</summary>
public static class MediaTypes
{
    /// <summary>Objects, lists and errors.</summary>
    public const string Json = "application/json";

    /// <summary>RFC 7386 patches.</summary>
    public const string MergePatch = "application/merge-patch+json";

    /// <summary>RFC 6902 patches.</summary>
    public const string JsonPatch = "application/json-patch+json";

    /// <summary>Server-side apply.</summary>
    public const string ApplyPatch = "application/apply-patch+yaml";

    /// <summary>Objects reduced to their metadata.</summary>
    public const string Metadata = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";

    /// <summary>Lists of objects reduced to their metadata.</summary>
    public const string MetadataList = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

    /// <summary>Discovery of everything in two documents.</summary>
    public const string AggregatedDiscovery = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
}
