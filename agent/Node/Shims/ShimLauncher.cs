using System.Globalization;
using ControlPlane.Agent.Linux;
using ControlPlane.Agent.Shim.Contract;

namespace ControlPlane.Agent.Shims;

/// <summary>Starts shims, and finds those that an earlier agent started.</summary>
internal static class ShimLauncher
{
    private const int Backlog = 128;
    private static readonly TimeSpan HelloTimeout = TimeSpan.FromSeconds(5);

    // As the shim's own loop wants them; blocked from its first instruction, so that no thread of its runtime takes one.
    private static readonly SignalSet ShimSignals = SignalSet.Of(
        Signal.Child, Signal.Terminate, Signal.Interrupt, Signal.Hangup, Signal.Quit, Signal.User1, Signal.User2, Signal.Pipe);

    /// <summary>
    /// Starts the shim of a pod in a session of its own and waits until it answers. The listening socket is made here and handed over,
    /// so the shim can be connected to from the first instant. A pod directory whose shim still lives is refused.
    /// </summary>
    /// <exception cref="ShimUnavailableException">It ended at once or did not answer; the message holds its log.</exception>
    internal static async Task<ShimClient> StartAsync(ShimLaunch launch, CancellationToken cancellationToken)
    {
        if (ShimProcess.Recorded(launch.PodDirectory) is { } recorded && recorded.IsAlive())
            throw new InvalidOperationException($"The shim of {launch.PodDirectory} runs already, as process {recorded.Pid}.");
        Directory.CreateDirectory(launch.PodDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.SetUnixFileMode(launch.PodDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var pid = Spawn(launch);
        var client = new ShimClient(launch.PodDirectory);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(HelloTimeout);
        try
        {
            await client.HelloAsync(timeout.Token);
            return client;
        }
        catch (Exception fault) when (fault is ShimUnavailableException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            ProcessControl.TrySignal(pid, Signal.Kill);
            await ShimProcess.ReapAsync(pid, cancellationToken);
            var log = SmallFile.TryReadText(Path.Combine(launch.PodDirectory, PodDirectory.Log)) ?? "";
            throw new ShimUnavailableException($"The shim of {launch.PodDirectory} did not start: {log.Trim()}", fault);
        }
    }

    /// <summary>Finds out whether a pod's shim lives, and connects to it if so.</summary>
    internal static async Task<ShimReconnect> ReconnectAsync(string podDirectory, CancellationToken cancellationToken)
    {
        var client = new ShimClient(podDirectory);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(HelloTimeout);
        try
        {
            return new ShimReconnect(ShimLiveness.Alive, client, await client.HelloAsync(timeout.Token));
        }
        catch (Exception fault) when (fault is ShimUnavailableException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            var process = ShimProcess.Recorded(podDirectory);
            if (process?.IsAlive() == true) return new ShimReconnect(ShimLiveness.Unresponsive);
            if (process is { } dead) await ShimProcess.ReapAsync(dead.Pid, cancellationToken);
            return new ShimReconnect(ShimLiveness.Dead);
        }
    }

    private static int Spawn(ShimLaunch launch)
    {
        var directory = FileDescriptor.Open(launch.PodDirectory, OpenMode.Directory);
        var listener = -1;
        var silence = -1;
        var log = -1;
        try
        {
            SmallFile.Remove(Path.Combine(launch.PodDirectory, PodDirectory.Socket));
            listener = UnixSocket.Listen(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{directory}/{PodDirectory.Socket}"), Backlog);
            silence = FileDescriptor.Open("/dev/null", OpenMode.ReadWrite);
            log = FileDescriptor.Open(Path.Combine(launch.PodDirectory, PodDirectory.Log), OpenMode.Append);
            return ChildProcess.Spawn(new SpawnRequest
            {
                Path = launch.ShimPath,
                Arguments =
                [
                    "cp-shim", "--pod-dir", launch.PodDirectory, "--runtime", launch.RuntimePath,
                    "--runtime-root", Path.Combine(launch.PodDirectory, PodDirectory.RuntimeRoot),
                ],
                Environment = [],
                StandardInput = silence,
                StandardOutput = silence,
                StandardError = log,
                ExtraDescriptor = listener,
                WorkingDirectory = launch.PodDirectory,
                NewSession = true,
                Blocked = ShimSignals,
            });
        }
        finally
        {
            FileDescriptor.Close(directory);
            FileDescriptor.Close(listener);
            FileDescriptor.Close(silence);
            FileDescriptor.Close(log);
        }
    }
}
