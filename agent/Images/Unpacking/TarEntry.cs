namespace ControlPlane.Agent.Images.Unpacking;

internal enum TarEntryKind
{
    File,
    HardLink,
    SymbolicLink,
    CharacterDevice,
    BlockDevice,
    Directory,
    Fifo,
}

/// <summary>One header of an archive. Names are byte strings, exactly as stored.</summary>
internal sealed record TarEntry
{
    public required TarEntryKind Kind { get; init; }

    public required string Name { get; init; }

    public string LinkTarget { get; init; } = "";

    public uint Mode { get; init; }

    public uint User { get; init; }

    public uint Group { get; init; }

    public long Size { get; init; }

    public Timespec Modified { get; init; }

    /// <summary>Extended attributes by name; values are raw bytes.</summary>
    public IReadOnlyDictionary<string, byte[]>? Attributes { get; init; }
}
