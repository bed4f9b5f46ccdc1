namespace ControlPlane.Agent.Images.Oci;

internal sealed record Descriptor
{
    public string MediaType { get; set; } = "";

    public string Digest { get; set; } = "";

    public long Size { get; set; }

    public Platform? Platform { get; set; }

    public IReadOnlyDictionary<string, string>? Annotations { get; set; }

    public Digest ParsedDigest => Images.Digest.TryParse(Digest, out var digest)
        ? digest
        : throw new InvalidImageException($"the image refers to content by \"{Digest}\", which is not a sha256 digest");
}

internal sealed record Platform
{
    public string Architecture { get; set; } = "";

    public string Os { get; set; } = "";

    public string? Variant { get; set; }
}
