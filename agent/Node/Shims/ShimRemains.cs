using ControlPlane.Agent.Linux;
using ControlPlane.Agent.Shim.Contract;

namespace ControlPlane.Agent.Shims;

/// <summary>
/// What a shim that was killed leaves: containers without a parent, their cgroups and mounts. They cannot be adopted, since only a parent
/// learns how a process ends; so they are removed by the OCI runtime, and the pod can be started again.
/// </summary>
internal static class ShimRemains
{
    /// <summary>Removes every container in the pod's runtime state. The shim must be dead.</summary>
    /// <exception cref="ShimException">The runtime could not remove one; its state is kept, and the call may be repeated.</exception>
    internal static async Task CleanAsync(ShimLaunch launch, CancellationToken cancellationToken)
    {
        var root = Path.Combine(launch.PodDirectory, PodDirectory.RuntimeRoot);
        if (Directory.Exists(root))
        {
            foreach (var container in Directory.GetDirectories(root)) await DeleteAsync(launch.RuntimePath, root, Path.GetFileName(container), cancellationToken);
        }

        SmallFile.Remove(Path.Combine(launch.PodDirectory, PodDirectory.Socket));
        SmallFile.Remove(Path.Combine(launch.PodDirectory, PodDirectory.Identity));
    }

    private static async Task DeleteAsync(string runtime, string root, string id, CancellationToken cancellationToken)
    {
        var start = new System.Diagnostics.ProcessStartInfo(runtime, ["--root", root, "delete", "--force", id]) { RedirectStandardError = true };
        using var process = System.Diagnostics.Process.Start(start) ?? throw new InvalidOperationException("The OCI runtime was not started.");
        var error = await process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0) throw new ShimException(ShimErrorCode.RuntimeFailed, error.Trim());
    }
}
