using ControlPlane.Agent.Configuration;
using ControlPlane.Agent.Linux;
using ControlPlane.Agent.Objects;
using ControlPlane.Agent.Volumes;
using ControlPlane.Api.Core.V1;

namespace ControlPlane.Agent.Hooks;

/// <summary>The pod's volumes. Secrets are kept in memory only and vanish with the mount; what an emptyDir on disk holds outlives the sandbox.</summary>
internal sealed class VolumesHook(ConfigObjects objects) : IPodHook
{
    private const int Everybody = 0b111_111_111;
    private const long SecretVolumeBytes = 4 << 20;

    public string Name => "volumes";

    public async Task ApplyAsync(PodSandbox sandbox, CancellationToken cancellation)
    {
        var spec = sandbox.Pod.Spec ?? new PodSpec();
        if (spec.Volumes.Count == 0)
            return;
        var sources = await objects.GetAsync(sandbox.Pod.Metadata.Namespace ?? "", ConfigReferences.OfVolumes(spec), cancellation);
        using var turn = await sandbox.EnterVolumesAsync(cancellation);
        foreach (var volume in spec.Volumes)
            Make(volume, sandbox.Paths.Volume(volume.Name), spec.SecurityContext?.FsGroup, sources);
    }

    /// <summary>Brings the files of Secrets and ConfigMaps up to date; containers see all of a volume's new files at once.</summary>
    public async Task RefreshAsync(PodSandbox sandbox, CancellationToken cancellation)
    {
        var spec = sandbox.Pod.Spec ?? new PodSpec();
        var references = ConfigReferences.OfVolumes(spec);
        if (references.IsEmpty)
            return;
        var sources = await objects.GetAsync(sandbox.Pod.Metadata.Namespace ?? "", references, cancellation);
        using var turn = await sandbox.EnterVolumesAsync(cancellation);
        foreach (var volume in spec.Volumes.Where(v => v.ConfigMap is not null || IsMountedSecret(v, sandbox)))
            Make(volume, sandbox.Paths.Volume(volume.Name), spec.SecurityContext?.FsGroup, sources);
    }

    public async Task UndoAsync(PodSandbox sandbox, CancellationToken cancellation)
    {
        using var turn = await sandbox.EnterVolumesAsync(cancellation);
        if (Directory.Exists(sandbox.Paths.Volumes))
            Mounts.UnmountTree(sandbox.Paths.Volumes);
    }

    // A refresh that comes after the tear-down must neither mount anew nor write a Secret to the disk below.
    private static bool IsMountedSecret(Volume volume, PodSandbox sandbox) =>
        volume.Secret is not null && MountTable.IsMountPoint(sandbox.Paths.Volume(volume.Name));

    private static void Make(Volume volume, string path, long? group, ConfigSources sources)
    {
        Directory.CreateDirectory(path);
        switch (volume)
        {
            case { Secret: { } secret }:
                var secretFiles = Checked(volume.Name, () => VolumeFiles.Of(volume.Name, secret, sources));
                MountMemory(path, SecretVolumeBytes, 0b111_101_101);
                ProjectedFiles.Write(path, secretFiles, group);
                break;
            case { ConfigMap: { } configMap }:
                ProjectedFiles.Write(path, Checked(volume.Name, () => VolumeFiles.Of(volume.Name, configMap, sources)), group);
                break;
            case { EmptyDir.Medium: "Memory" }:
                MountMemory(path, volume.EmptyDir.SizeLimit?.Units ?? 0, Everybody);
                Share(path, group);
                break;
            case { EmptyDir: not null }:
                Share(path, group);
                break;
            default:
                throw new ContainerConfigException($"volume \"{volume.Name}\": its source is not supported");
        }
    }

    private static void MountMemory(string path, long size, int mode)
    {
        if (!MountTable.IsMountPoint(path))
            Mounts.Tmpfs(path, size, mode, MountOptions.NoSetUid | MountOptions.NoDevices);
    }

    private static void Share(string path, long? group)
    {
        const UnixFileMode Open = (UnixFileMode)Everybody;
        if (group is { } id)
            Ownership.SetGroup(path, (uint)id);
        File.SetUnixFileMode(path, group is null ? Open : Open | UnixFileMode.SetGroup);
    }

    private static IReadOnlyList<VolumeFile> Checked(string volume, Func<IReadOnlyList<VolumeFile>> files)
    {
        try
        {
            return files();
        }
        catch (ContainerConfigException e) when (!e.Message.StartsWith("volume ", StringComparison.Ordinal))
        {
            throw new ContainerConfigException($"volume \"{volume}\": {e.Message}");
        }
    }
}
