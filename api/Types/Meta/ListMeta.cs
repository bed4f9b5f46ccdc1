namespace ControlPlane.Api.Meta;

/// <summary>Metadata of a list.</summary>
public sealed record ListMeta
{
    /// <summary>The version at which the list was read; watch from here.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>Token for the next page; empty on the last.</summary>
    public string? Continue { get; init; }

    /// <summary>How many items follow this page, when known.</summary>
    public long? RemainingItemCount { get; init; }
}
