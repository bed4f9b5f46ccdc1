namespace ControlPlane.Agent.Linux;

/// <summary>An overlay: read-only layers below, one writable directory on top.</summary>
public sealed record OverlayMount
{
    /// <summary>The read-only layers, topmost first, as overlayfs orders them.</summary>
    public required IReadOnlyList<string> Lower { get; init; }

    /// <summary>Where changes go, or null for a read-only overlay.</summary>
    public string? Upper { get; init; }

    /// <summary>An empty directory beside <see cref="Upper"/> on the same file system.</summary>
    public string? Work { get; init; }

    /// <summary>Where it appears.</summary>
    public required string Target { get; init; }

    /// <summary>
    /// Leaves out all syncing of the upper directory. Right for a container's root, which is thrown away after a crash of the machine;
    /// the kernel then refuses to mount the same upper directory again.
    /// </summary>
    public bool Volatile { get; init; }
}
