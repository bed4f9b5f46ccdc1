using System.Globalization;
using ControlPlane.Agent.Bundles;
using ControlPlane.Agent.Configuration;
using ControlPlane.Agent.Linux;
using ControlPlane.Api.Core.V1;

namespace ControlPlane.Agent.Containers;

/// <summary>Whom a container runs as: its security context, its pod's, or its image, whose names are looked up in its own files.</summary>
internal static class ContainerUsers
{
    private const int LongestFile = 1 << 20;

    /// <exception cref="ContainerConfigException">The user is unknown, or root where that is refused.</exception>
    public static ContainerUser Resolve(ContainerPlan plan)
    {
        var own = plan.Container.SecurityContext;
        var shared = plan.Pod.Spec?.SecurityContext;
        var (image, group) = Split(plan.Image.User);
        var runAsUser = own?.RunAsUser ?? shared?.RunAsUser;
        var user = runAsUser is { } given ? FindById((uint)given, plan.Rootfs) : FindUser(image, plan.Rootfs);
        var gid = (own?.RunAsGroup ?? shared?.RunAsGroup) is { } wanted ? (uint)wanted
            : runAsUser is null && group.Length > 0 ? FindGroup(group, plan.Rootfs)
            : user.Gid;
        if (user.Uid == 0 && (own?.RunAsNonRoot ?? shared?.RunAsNonRoot) == true)
            throw new ContainerConfigException("container has runAsNonRoot and would run as root; set runAsUser");
        return new ContainerUser(user.Uid, gid) { AdditionalGids = [.. Groups(user.Name, plan.Rootfs, shared).Where(g => g != gid).Distinct()] };
    }

    private static (string User, string Group) Split(string user)
    {
        var colon = user.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? (user, "") : (user[..colon], user[(colon + 1)..]);
    }

    private static User FindUser(string user, string rootfs)
    {
        if (user.Length == 0)
            return FindById(0, rootfs);
        if (uint.TryParse(user, NumberStyles.None, CultureInfo.InvariantCulture, out var uid))
            return FindById(uid, rootfs);
        return Users(rootfs).FirstOrDefault(u => u.Name == user)
            ?? throw new ContainerConfigException($"the image's user \"{user}\" is not in its /etc/passwd");
    }

    // A number needs no entry; its group is then 0, as with other runtimes.
    private static User FindById(uint uid, string rootfs) => Users(rootfs).FirstOrDefault(u => u.Uid == uid) ?? new User("", uid, 0);

    private static uint FindGroup(string group, string rootfs)
    {
        if (uint.TryParse(group, NumberStyles.None, CultureInfo.InvariantCulture, out var gid))
            return gid;
        foreach (var fields in Lines(rootfs, "/etc/group"))
        {
            if (fields.Length >= 3 && fields[0] == group && uint.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out gid))
                return gid;
        }

        throw new ContainerConfigException($"the image's group \"{group}\" is not in its /etc/group");
    }

    private static IEnumerable<uint> Groups(string user, string rootfs, PodSecurityContext? shared)
    {
        foreach (var gid in shared?.SupplementalGroups ?? [])
            yield return (uint)gid;
        if (shared?.FsGroup is { } fsGroup)
            yield return (uint)fsGroup;
        if (user.Length == 0)
            yield break;
        foreach (var fields in Lines(rootfs, "/etc/group"))
        {
            if (fields.Length >= 4 && fields[3].Split(',').Contains(user) && uint.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out var gid))
                yield return gid;
        }
    }

    private static IEnumerable<User> Users(string rootfs)
    {
        foreach (var fields in Lines(rootfs, "/etc/passwd"))
        {
            if (fields.Length >= 4
                && uint.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out var uid)
                && uint.TryParse(fields[3], NumberStyles.None, CultureInfo.InvariantCulture, out var gid))
                yield return new User(fields[0], uid, gid);
        }
    }

    // The image's content is not trusted: links are followed inside it only, and a huge file is not read.
    private static List<string[]> Lines(string rootfs, string path)
    {
        try
        {
            using var handle = RootedPath.OpenRead(rootfs, path);
            if (RandomAccess.GetLength(handle) > LongestFile)
                throw new ContainerConfigException($"the image's {path} is too large");
            using var reader = new StreamReader(new FileStream(handle, FileAccess.Read));
            return [.. reader.ReadToEnd().Split('\n').Select(line => line.Split(':'))];
        }
        catch (LinuxException e) when (e.Errno is Errno.ENOENT or Errno.ENOTDIR)
        {
            return [];
        }
    }

    private sealed record User(string Name, uint Uid, uint Gid);
}
