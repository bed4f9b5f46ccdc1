namespace ControlPlane.Agent.Shim.Contract;

/// <summary>
/// Starts another process in a running container. The connection then carries its streams; when it ends, the process is killed.
/// What is not given here is as in the container's own config.json.
/// </summary>
public sealed record ExecRequest
{
    /// <summary>The container.</summary>
    public required string Id { get; init; }

    /// <summary>An OCI process document (absolute path) to use instead of the fields below, or empty.</summary>
    public string ProcessPath { get; init; } = "";

    /// <summary>The program and its arguments.</summary>
    public IReadOnlyList<string> Args { get; init; } = [];

    /// <summary>Environment variables added to the container's.</summary>
    public IReadOnlyList<string> Env { get; init; } = [];

    /// <summary>Its directory, or empty.</summary>
    public string WorkingDirectory { get; init; } = "";

    /// <summary><c>uid</c> or <c>uid:gid</c>, or empty.</summary>
    public string User { get; init; } = "";

    /// <summary>Whether it gets a terminal; its output then arrives as one stream.</summary>
    public bool Terminal { get; init; }

    /// <summary>Whether the client will send input; otherwise standard input is /dev/null.</summary>
    public bool Stdin { get; init; }

    /// <summary>The terminal's first size; 0 leaves the kernel's.</summary>
    public ushort Columns { get; init; }

    /// <summary>The terminal's first size; 0 leaves the kernel's.</summary>
    public ushort Rows { get; init; }

    public void Write(FrameWriter writer) => writer.Begin(FrameKind.Exec)
        .Text(Id).Text(ProcessPath).Texts(Args).Texts(Env).Text(WorkingDirectory).Text(User)
        .Bool(Terminal).Bool(Stdin).UInt16(Columns).UInt16(Rows)
        .End();

    public static ExecRequest Read(FrameReader reader) => new()
    {
        Id = reader.Text(),
        ProcessPath = reader.Text(),
        Args = reader.Texts(),
        Env = reader.Texts(),
        WorkingDirectory = reader.Text(),
        User = reader.Text(),
        Terminal = reader.Bool(),
        Stdin = reader.Bool(),
        Columns = reader.UInt16(),
        Rows = reader.UInt16(),
    };
}
