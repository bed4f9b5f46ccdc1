namespace ControlPlane.Agent.Images.Archives;

/// <summary>An image found in an archive, its content already in the store.</summary>
internal sealed record ArchivedImage(Digest Manifest, IReadOnlyList<ImageReference> Names);
