namespace ControlPlane.Agent.Images.Oci;

internal sealed record Descriptor
{
    public string MediaType { get; init; } = "";

    public string Digest { get; init; } = "";

    public long Size { get; init; }

    public Platform? Platform { get; init; }

    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    public Digest ParsedDigest => Images.Digest.TryParse(Digest, out var digest)
        ? digest
        : throw new InvalidImageException($"the image refers to content by \"{Digest}\", which is not a sha256 digest");
}

internal sealed record Platform
{
    public string Architecture { get; init; } = "";

    public string Os { get; init; } = "";

    public string? Variant { get; init; }
}
