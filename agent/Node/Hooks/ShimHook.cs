using ControlPlane.Agent.Linux;
using ControlPlane.Agent.Shim.Contract;
using ControlPlane.Agent.Shims;

namespace ControlPlane.Agent.Hooks;

/// <summary>The pod's shim. Undone after its containers were deleted; one that does not answer is killed.</summary>
internal sealed class ShimHook(string shimPath, string runtimePath) : IPodHook
{
    public string Name => "shim";

    public async Task ApplyAsync(PodSandbox sandbox, CancellationToken cancellation)
    {
        var found = await ShimLauncher.ReconnectAsync(sandbox.Paths.Root, cancellation);
        if (found.State == ShimLiveness.Unresponsive)
            await KillAsync(sandbox.Paths.Root, cancellation);
        sandbox.Shim = found.Client ?? await ShimLauncher.StartAsync(Launch(sandbox.Paths.Root), cancellation);
    }

    public async Task UndoAsync(PodSandbox sandbox, CancellationToken cancellation)
    {
        sandbox.Shim = null;
        var directory = sandbox.Paths.Root;
        if (!Directory.Exists(directory))
            return;
        var found = await ShimLauncher.ReconnectAsync(directory, cancellation);
        if (found.Client is { } shim)
        {
            // Containers that the agent's state does not know, if a kill came between their start and its record.
            foreach (var container in await shim.ListAsync(cancellation))
                await shim.DeleteAsync(container.Id, cancellation);
            await shim.ShutdownAsync(cancellation);
        }
        else
        {
            if (found.State == ShimLiveness.Unresponsive)
                await KillAsync(directory, cancellation);
            await ShimRemains.CleanAsync(Launch(directory), cancellation);
        }

        var runtimeRoot = Path.Combine(directory, PodDirectory.RuntimeRoot);
        if (Directory.Exists(runtimeRoot))
            Directory.Delete(runtimeRoot, recursive: true);
    }

    private ShimLaunch Launch(string directory) => new() { PodDirectory = directory, ShimPath = shimPath, RuntimePath = runtimePath };

    private static async Task KillAsync(string directory, CancellationToken cancellation)
    {
        if (ShimProcess.Recorded(directory) is not { } process || !process.IsAlive())
            return;
        ProcessControl.TrySignal(process.Pid, Signal.Kill);
        await ShimProcess.ReapAsync(process.Pid, cancellation);
    }
}
