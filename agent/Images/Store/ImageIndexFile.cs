namespace ControlPlane.Agent.Images.Store;

/// <summary>images.json: what is on this machine and complete.</summary>
internal sealed record ImageIndexFile
{
    public int Version { get; set; } = 1;

    public IReadOnlyList<ImageRecord> Images { get; set; } = [];
}

internal sealed record ImageRecord
{
    public required string Manifest { get; init; }

    public required string Config { get; init; }

    public required long Size { get; init; }

    public required IReadOnlyList<string> References { get; init; }

    /// <summary>Lowest first.</summary>
    public required IReadOnlyList<LayerRecord> Layers { get; init; }

    public DateTimeOffset LastUsed { get; init; }
}

internal sealed record LayerRecord(string Blob, string ChainId);
