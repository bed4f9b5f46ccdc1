using ControlPlane.Agent.Bundles;
using ControlPlane.Agent.Configuration;
using ControlPlane.Agent.Hooks;
using ControlPlane.Agent.Linux;
using ControlPlane.Api.Core.V1;

namespace ControlPlane.Agent.Containers;

/// <summary>What of the pod a container sees in its file system.</summary>
internal static class ContainerMounts
{
    private const string DefaultTerminationLog = "/dev/termination-log";

    /// <exception cref="ContainerConfigException">A mount names an unknown volume or a sub-path that cannot be.</exception>
    public static IReadOnlyList<ContainerMount> Build(ContainerPlan plan)
    {
        var mounts = new List<ContainerMount>();
        foreach (var name in new[] { EtcHook.Hosts, EtcHook.Hostname, EtcHook.ResolvConf })
            mounts.Add(new ContainerMount { Destination = "/etc/" + name, Source = Path.Combine(plan.Sandbox.Paths.Etc, name) });
        mounts.Add(new ContainerMount
        {
            Destination = plan.Container.TerminationMessagePath ?? DefaultTerminationLog,
            Source = plan.Sandbox.Paths.TerminationLog(plan.Run.Id),
        });
        foreach (var mount in plan.Container.VolumeMounts)
        {
            mounts.RemoveAll(m => m.Destination == mount.MountPath);
            mounts.Add(Build(plan, mount, mounts.Count));
        }

        return mounts;
    }

    private static ContainerMount Build(ContainerPlan plan, VolumeMount mount, int index)
    {
        var volume = plan.Pod.Spec?.Volumes.FirstOrDefault(v => v.Name == mount.Name)
            ?? throw new ContainerConfigException($"the volume \"{mount.Name}\", mounted at {mount.MountPath}, is not in the pod's volumes");
        var source = plan.Sandbox.Paths.Volume(volume.Name);
        return new ContainerMount
        {
            Destination = mount.MountPath,
            Source = string.IsNullOrEmpty(mount.SubPath) ? source : SubPath(plan, source, mount, index),
            ReadOnly = mount.ReadOnly == true || volume.Secret is not null || volume.ConfigMap is not null,
        };
    }

    // A program in the pod may exchange parts of the path for links at any moment. What is mounted is what the kernel found inside the
    // volume, pinned under a name of ours.
    private static string SubPath(ContainerPlan plan, string volume, VolumeMount mount, int index)
    {
        var pinned = Path.Combine(plan.Bundle, "subpath-" + index);
        try
        {
            using var place = OpenOrCreate(volume, mount.SubPath!);
            var name = RootedPath.NameOf(place);
            if (Directory.Exists(name))
                Directory.CreateDirectory(pinned);
            else
                File.WriteAllBytes(pinned, []);
            Mounts.Bind(name, pinned);
            return pinned;
        }
        catch (LinuxException e)
        {
            throw new ContainerConfigException($"subPath \"{mount.SubPath}\" of volume \"{mount.Name}\": {e.Message}");
        }
    }

    private static Microsoft.Win32.SafeHandles.SafeFileHandle OpenOrCreate(string volume, string path)
    {
        try
        {
            return RootedPath.Open(volume, path);
        }
        catch (LinuxException e) when (e.Errno == Errno.ENOENT)
        {
            return RootedPath.EnsureDirectory(volume, path);
        }
    }
}
