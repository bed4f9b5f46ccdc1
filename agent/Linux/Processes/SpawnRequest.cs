namespace ControlPlane.Agent.Linux;

/// <summary>
/// A program to start. It gets the three standard descriptors given here, <see cref="ExtraDescriptor"/> as descriptor 3, and nothing
/// else: every other descriptor is closed before it runs.
/// </summary>
public sealed record SpawnRequest
{
    /// <summary>The program; looked up nowhere, so absolute.</summary>
    public required string Path { get; init; }

    /// <summary>Its arguments, the program's name first.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Its whole environment, <c>NAME=value</c>.</summary>
    public required IReadOnlyList<string> Environment { get; init; }

    /// <summary>Becomes descriptor 0.</summary>
    public required int StandardInput { get; init; }

    /// <summary>Becomes descriptor 1.</summary>
    public required int StandardOutput { get; init; }

    /// <summary>Becomes descriptor 2.</summary>
    public required int StandardError { get; init; }

    /// <summary>Becomes descriptor 3, or -1.</summary>
    public int ExtraDescriptor { get; init; } = -1;

    /// <summary>Where it starts, or null for the caller's directory.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Whether it leads a session of its own, out of reach of the caller's terminal and process group.</summary>
    public bool NewSession { get; init; }

    /// <summary>Signals blocked in it from its first instruction; all others are unblocked and at their default action.</summary>
    public SignalSet Blocked { get; init; }
}
