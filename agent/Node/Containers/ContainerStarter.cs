using System.Collections.Concurrent;
using System.Net;
using ControlPlane.Agent.Bundles;
using ControlPlane.Agent.Configuration;
using ControlPlane.Agent.Hooks;
using ControlPlane.Agent.Images;
using ControlPlane.Agent.Linux;
using ControlPlane.Agent.Objects;
using ControlPlane.Agent.Pods;
using ControlPlane.Agent.Shim.Contract;
using ControlPlane.Agent.Shims;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Platform.V1;

namespace ControlPlane.Agent.Containers;

/// <summary>Makes a run of a container: its root file system and bundle, then the process; and takes everything but the log away again.</summary>
internal sealed class ContainerStarter(
    ConfigObjects objects, ObjectCache<Vip> vips, ImageStore images, ContainerConfigBuilder configs, IPAddress hostIp)
{
    private const long LogFileBytes = 10 << 20;
    private const int LogFiles = 5;

    // What a run keeps of its image must not be collected under it. By bundle path, which is unique on the node.
    private readonly ConcurrentDictionary<string, IDisposable> _held = new();

    /// <summary>Starts a run, or finds out that an earlier try has started it.</summary>
    /// <param name="sandbox">What it shares with the pod's other containers.</param>
    /// <param name="state">The pod's state, in which the run is recorded already.</param>
    /// <param name="name">The container.</param>
    /// <param name="image">Its image.</param>
    /// <param name="preparing">Ends the preparations.</param>
    /// <param name="stopping">Gives up waiting for the shim's answer; the start itself cannot be cancelled.</param>
    /// <exception cref="ContainerConfigException">Its configuration cannot be had.</exception>
    /// <exception cref="ShimException">The runtime refused.</exception>
    public async Task<PodEvent> StartAsync(
        PodSandbox sandbox, PodState state, string name, LocalImage image, CancellationToken preparing, CancellationToken stopping)
    {
        var run = state[name].Run!;
        var shim = sandbox.Shim ?? throw new ShimUnavailableException("The pod's shim is gone.");
        if (await FindAsync(shim, run.Id, preparing) is { } known)
            return new PodEvent.RunStarted(name, run.Id, known.Pid, ExitReports.Time(known.StartedAt));

        var container = PodSpecs.Find(state.Pod, name)!;
        var sources = await objects.GetAsync(state.Pod.Metadata.Namespace ?? "", ConfigReferences.OfEnvironment(container), preparing);
        var environment = EnvironmentBuilder.Build(
            container, image.Config.Env, Links(state.Pod), sources, path => PodFields.Read(path, state.Pod, sandbox.PodIp ?? "", hostIp.ToString()));

        var bundle = sandbox.Paths.Bundle(run.Id);
        RemoveFiles(bundle);
        Hold(bundle, image);
        MountRoot(bundle, image);
        await File.WriteAllBytesAsync(sandbox.Paths.TerminationLog(run.Id), [], preparing);
        File.SetUnixFileMode(sandbox.Paths.TerminationLog(run.Id), (UnixFileMode)0b110_110_110);
        var config = configs.Build(new ContainerPlan(sandbox, state.Pod, container, run, image.Config, environment));
        Bundle.Write(bundle, config);

        preparing.ThrowIfCancellationRequested();
        var started = await shim.StartAsync(
            new StartRequest
            {
                Id = run.Id,
                Bundle = bundle,
                LogPath = sandbox.Paths.Log(run.Id),
                LogMaxBytes = LogFileBytes,
                LogMaxFiles = LogFiles,
                CgroupPath = config.CgroupPath,
                Terminal = container.Tty == true,
                Stdin = container.Stdin == true,
                StdinOnce = container.StdinOnce == true,
            },
            stopping);
        return new PodEvent.RunStarted(name, run.Id, started.Pid, ExitReports.Time(started.At));
    }

    /// <summary>Removes everything of a run but its log, and the log that only it made the previous one.</summary>
    public async Task CleanAsync(PodSandbox sandbox, string name, ContainerRun run, CancellationToken cancellation)
    {
        if (sandbox.Shim is { } shim)
        {
            try
            {
                await shim.DeleteAsync(run.Id, cancellation);
            }
            catch (ShimUnavailableException)
            {
                // A dead shim's containers are ended with the pod's cgroup.
            }
        }

        var bundle = sandbox.Paths.Bundle(run.Id);
        RemoveFiles(bundle);
        if (_held.TryRemove(bundle, out var held))
            held.Dispose();
        if (run.Attempt > 0)
            RemoveLogs(sandbox.Paths.Log(ContainerRun.IdOf(name, run.Attempt - 1)));
    }

    /// <summary>Keeps the images of runs that were found running from being collected.</summary>
    public void Adopt(PodSandbox sandbox, ContainerRun run)
    {
        if (images.List().FirstOrDefault(i => PodOperations.ImageId(i) == run.ImageId) is { } image)
            Hold(sandbox.Paths.Bundle(run.Id), image);
    }

    private static async Task<Shim.Contract.ContainerState?> FindAsync(ShimClient shim, string id, CancellationToken cancellation) =>
        (await shim.ListAsync(cancellation)).FirstOrDefault(c => c.Id == id && c.Phase is ContainerPhase.Running or ContainerPhase.Exited);

    private static void MountRoot(string bundle, LocalImage image)
    {
        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        const UnixFileMode Everybody = Private | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        Directory.CreateDirectory(bundle, Private);
        var overlay = new OverlayMount
        {
            Lower = image.LayerDirectories,
            Upper = Path.Combine(bundle, "upper"),
            Work = Path.Combine(bundle, "work"),
            Target = Path.Combine(bundle, "rootfs"),
            Volatile = true,
        };

        // The upper directory's mode is that of the container's "/".
        Directory.CreateDirectory(overlay.Upper, Everybody);
        Directory.CreateDirectory(overlay.Work, Private);
        Directory.CreateDirectory(overlay.Target, Private);
        Mounts.Overlay(overlay);
    }

    private static void RemoveFiles(string bundle)
    {
        if (!Directory.Exists(bundle))
            return;
        Mounts.UnmountTree(bundle);
        Directory.Delete(bundle, recursive: true);
    }

    private static void RemoveLogs(string log)
    {
        if (!Directory.Exists(Path.GetDirectoryName(log)))
            return;
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(log)!, Path.GetFileName(log) + "*"))
            File.Delete(file);
    }

    private void Hold(string bundle, LocalImage image)
    {
        var held = images.Hold(image);
        if (!_held.TryAdd(bundle, held))
            held.Dispose();
    }

    private IReadOnlyDictionary<string, string> Links(Pod pod) => pod.Spec?.EnableServiceLinks == false
        ? new Dictionary<string, string>()
        : VipLinks.Build(vips.Items.Where(v => v.Metadata.Namespace == pod.Metadata.Namespace));
}
