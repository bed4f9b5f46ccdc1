namespace ControlPlane.Agent.Linux;

/// <summary>What a file is opened for.</summary>
public enum OpenMode
{
    /// <summary>An existing file, for reading.</summary>
    Read,

    /// <summary>An existing file or device, for both.</summary>
    ReadWrite,

    /// <summary>A new or emptied file, for writing.</summary>
    Create,

    /// <summary>A new or existing file, written at its end.</summary>
    Append,

    /// <summary>A directory as a place to resolve other paths from.</summary>
    Directory,
}
