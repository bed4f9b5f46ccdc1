namespace ControlPlane.Agent.Images.Registry;

/// <summary>A manifest as it came, its digest verified.</summary>
internal sealed record RegistryManifest(Digest Digest, byte[] Content, string? MediaType);
