using ControlPlane.Api.Schema;

namespace ControlPlane.Api.Meta;

/// <summary>Metadata that every stored object has.</summary>
public sealed record ObjectMeta
{
    /// <summary>Name, unique in its namespace and kind. Cannot be changed.</summary>
    public string? Name { get; init; }

    /// <summary>Prefix of a generated name; used only when name is empty.</summary>
    public string? GenerateName { get; init; }

    /// <summary>Namespace the object lives in. Cannot be changed.</summary>
    public string? Namespace { get; init; }

    /// <summary>Unique over space and time; set by the server.</summary>
    public string? Uid { get; init; }

    /// <summary>Opaque version for optimistic concurrency and watches; set by the server.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>Counts changes of the desired state; set by the server.</summary>
    public long? Generation { get; init; }

    /// <summary>When the object was created; set by the server.</summary>
    public DateTimeOffset? CreationTimestamp { get; init; }

    /// <summary>When the object is (to be) deleted; set by the server on a graceful delete.</summary>
    public DateTimeOffset? DeletionTimestamp { get; init; }

    /// <summary>Seconds allowed for a graceful end; set together with deletionTimestamp.</summary>
    public long? DeletionGracePeriodSeconds { get; init; }

    /// <summary>Keys and values to organize and select objects.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = Empty.StringMap;

    /// <summary>Keys and values for tools; not selectable.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = Empty.StringMap;

    /// <summary>Objects this one depends on; when all are gone, it is garbage collected.</summary>
    [ListMap("uid")]
    public IReadOnlyList<OwnerReference> OwnerReferences { get; init; } = [];

    /// <summary>Must be empty before the object is removed; each is removed by whoever put it there.</summary>
    [ListSet]
    public IReadOnlyList<string> Finalizers { get; init; } = [];

    /// <summary>Which manager owns which fields; maintained by the server.</summary>
    public IReadOnlyList<ManagedFieldsEntry> ManagedFields { get; init; } = [];
}
