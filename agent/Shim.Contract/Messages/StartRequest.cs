namespace ControlPlane.Agent.Shim.Contract;

/// <summary>Creates and starts a container from a bundle, in one run of the OCI runtime.</summary>
public sealed record StartRequest
{
    /// <summary>The container's id: letters, digits, <c>_ . -</c>, unique in the pod until deleted.</summary>
    public required string Id { get; init; }

    /// <summary>The OCI bundle: an absolute directory holding config.json. The exit record is written into it.</summary>
    public required string Bundle { get; init; }

    /// <summary>The log file, or empty to discard output.</summary>
    public string LogPath { get; init; } = "";

    /// <summary>Size in bytes at which the log is rotated; 0 never rotates.</summary>
    public long LogMaxBytes { get; init; } = 10 << 20;

    /// <summary>Log files kept, the current one included.</summary>
    public int LogMaxFiles { get; init; } = 5;

    /// <summary>The container's cgroup below the hierarchy's root, as in config.json; where OOM kills are counted.</summary>
    public string CgroupPath { get; init; } = "";

    /// <summary>Whether config.json asks for a terminal.</summary>
    public bool Terminal { get; init; }

    /// <summary>Whether standard input stays open for attached clients; otherwise it is /dev/null.</summary>
    public bool Stdin { get; init; }

    /// <summary>Whether standard input ends with the first attached client that ends it.</summary>
    public bool StdinOnce { get; init; }

    public void Write(FrameWriter writer) => writer.Begin(FrameKind.Start)
        .Text(Id).Text(Bundle).Text(LogPath).Int64(LogMaxBytes).Int32(LogMaxFiles).Text(CgroupPath)
        .Bool(Terminal).Bool(Stdin).Bool(StdinOnce)
        .End();

    public static StartRequest Read(FrameReader reader) => new()
    {
        Id = reader.Text(),
        Bundle = reader.Text(),
        LogPath = reader.Text(),
        LogMaxBytes = reader.Int64(),
        LogMaxFiles = reader.Int32(),
        CgroupPath = reader.Text(),
        Terminal = reader.Bool(),
        Stdin = reader.Bool(),
        StdinOnce = reader.Bool(),
    };
}
