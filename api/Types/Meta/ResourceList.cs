namespace ControlPlane.Api.Meta;

/// <summary>A page of objects of one kind.</summary>
/// <typeparam name="T">The kind.</typeparam>
public sealed record ResourceList<T>
{
    /// <summary>API version of the list.</summary>
    public string ApiVersion { get; init; } = "";

    /// <summary>The kind's list kind, e.g. PodList.</summary>
    public string Kind { get; init; } = "";

    /// <summary>Version and paging.</summary>
    public ListMeta Metadata { get; init; } = new();

    /// <summary>The objects, in key order.</summary>
    public IReadOnlyList<T> Items { get; init; } = [];
}
