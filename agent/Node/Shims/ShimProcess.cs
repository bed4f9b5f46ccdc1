using ControlPlane.Agent.Linux;

namespace ControlPlane.Agent.Shims;

/// <summary>
/// The shim as a process. It is this agent's child until the agent restarts and process 1's after; either way it must not stay a zombie
/// once it has gone.
/// </summary>
internal static class ShimProcess
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(2);

    /// <summary>Waits until the process has gone, reaping it if it is ours.</summary>
    internal static async Task ReapAsync(int pid, CancellationToken cancellationToken)
    {
        // A process whose first thread has ended looks dead already, but can be reaped only when its last has.
        while (ChildProcess.TryReap(pid) is null && (ChildProcess.IsChild(pid) || ProcessIdentity.Of(pid)?.IsAlive() == true))
            await Task.Delay(Interval, cancellationToken);
    }

    /// <summary>The shim's identity as it recorded it, or null before it did or after it left in order.</summary>
    internal static ProcessIdentity? Recorded(string podDirectory) =>
        SmallFile.TryReadText(Path.Combine(podDirectory, Shim.Contract.PodDirectory.Identity)) is { } text ? ProcessIdentity.Parse(text) : null;
}
