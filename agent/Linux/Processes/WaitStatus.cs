namespace ControlPlane.Agent.Linux;

/// <summary>How a process ended, as wait4(2) reports it.</summary>
public readonly record struct WaitStatus(int Raw)
{
    /// <summary>The signal that ended it, or 0 when it exited by itself.</summary>
    public int Signal => Raw & 0x7f;

    /// <summary>The exit code as shells and Kubernetes show it: the code itself, or 128 + the signal.</summary>
    public int ExitCode => Signal == 0 ? (Raw >> 8) & 0xff : 128 + Signal;
}
