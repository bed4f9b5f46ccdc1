namespace ControlPlane.Agent.Images.Oci;

internal sealed record Manifest
{
    public int SchemaVersion { get; set; }

    public string? MediaType { get; set; }

    public Descriptor? Config { get; set; }

    public IReadOnlyList<Descriptor> Layers { get; set; } = [];
}

internal sealed record ManifestIndex
{
    public int SchemaVersion { get; set; }

    public string? MediaType { get; set; }

    public IReadOnlyList<Descriptor> Manifests { get; set; } = [];
}
