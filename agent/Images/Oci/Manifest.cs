namespace ControlPlane.Agent.Images.Oci;

internal sealed record Manifest
{
    public int SchemaVersion { get; init; }

    public string? MediaType { get; init; }

    public Descriptor? Config { get; init; }

    public IReadOnlyList<Descriptor> Layers { get; init; } = [];
}

internal sealed record ManifestIndex
{
    public int SchemaVersion { get; init; }

    public string? MediaType { get; init; }

    public IReadOnlyList<Descriptor> Manifests { get; init; } = [];
}
