using ControlPlane.Agent.Linux;

namespace ControlPlane.Agent.Hooks;

/// <summary>The pod's directories. The last to be undone: takes away whatever is still mounted in them; logs and disk volumes stay.</summary>
internal sealed class PodDirectoryHook : IPodHook
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // Volumes and /etc files are entered by other users than root.
    private const UnixFileMode Shared = Private | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    public string Name => "directory";

    public Task ApplyAsync(PodSandbox sandbox, CancellationToken cancellation)
    {
        Directory.CreateDirectory(sandbox.Paths.Root, Private);
        Directory.CreateDirectory(sandbox.Paths.Logs, Private);
        Directory.CreateDirectory(sandbox.Paths.Bundles, Private);
        Directory.CreateDirectory(sandbox.Paths.Volumes, Shared);
        Directory.CreateDirectory(sandbox.Paths.Etc, Shared);
        return Task.CompletedTask;
    }

    public Task UndoAsync(PodSandbox sandbox, CancellationToken cancellation)
    {
        if (!Directory.Exists(sandbox.Paths.Root))
            return Task.CompletedTask;
        Mounts.UnmountTree(sandbox.Paths.Root);
        foreach (var directory in new[] { sandbox.Paths.Bundles, sandbox.Paths.Etc })
        {
            if (Directory.Exists(directory))
                Directory.Delete(directory, recursive: true);
        }

        return Task.CompletedTask;
    }
}
