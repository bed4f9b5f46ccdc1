namespace ControlPlane.Agent.Images;

/// <summary>An image that is on this machine and unpacked.</summary>
public sealed record LocalImage
{
    /// <summary>The digest of the platform's manifest.</summary>
    public required Digest Manifest { get; init; }

    /// <summary>The digest of the image configuration: the image's id.</summary>
    public required Digest Id { get; init; }

    /// <summary>Every name it is known by: tags first, then <c>name@digest</c>.</summary>
    public required IReadOnlyList<string> References { get; init; }

    /// <summary>Bytes of its blobs as the registry stores them, as Kubernetes reports it in the node's status.</summary>
    public required long Size { get; init; }

    public required ImageConfig Config { get; init; }

    /// <summary>Unpacked layers, uppermost first: joined by ':' they are overlay's lowerdir.</summary>
    public required IReadOnlyList<string> LayerDirectories { get; init; }
}
