namespace ControlPlane.Agent.Images;

/// <summary>What an image says about running it.</summary>
public sealed record ImageConfig
{
    /// <summary><c>NAME=value</c> entries, in the image's order.</summary>
    public IReadOnlyList<string> Env { get; init; } = [];

    public IReadOnlyList<string> Entrypoint { get; init; } = [];

    public IReadOnlyList<string> Cmd { get; init; } = [];

    /// <summary>Empty means "/".</summary>
    public string WorkingDir { get; init; } = "";

    /// <summary><c>user[:group]</c>, names or numbers; empty means root.</summary>
    public string User { get; init; } = "";

    /// <summary><c>80/tcp</c></summary>
    public IReadOnlyList<string> ExposedPorts { get; init; } = [];

    public IReadOnlyList<string> Volumes { get; init; } = [];

    /// <summary>Empty means SIGTERM.</summary>
    public string StopSignal { get; init; } = "";

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();
}
