using System.Globalization;
using System.Runtime.InteropServices;
using ControlPlane.Agent.Linux.Interop;

namespace ControlPlane.Agent.Linux;

/// <summary>Mounting and unmounting in the caller's mount namespace. Targets must exist.</summary>
public static class Mounts
{
    private const nuint MS_REMOUNT = 32;
    private const nuint MS_BIND = 4096;
    private const nuint MS_REC = 16384;
    private const nuint MS_PRIVATE = 1 << 18;
    private const int OptionsLimit = 4095;

    /// <summary>Makes a directory or file appear at another place, everything mounted below it included.</summary>
    public static void Bind(string source, string target, MountOptions options = MountOptions.None)
    {
        Mount(source, target, null, MS_BIND | MS_REC, null);
        if (options == MountOptions.None) return;
        try
        {
            // The flags of a bind mount are set by a second call; the first ignores them.
            Mount(null, target, null, MS_REMOUNT | MS_BIND | (nuint)(int)options, null);
        }
        catch
        {
            Unmount(target);
            throw;
        }
    }

    /// <summary>Changes the flags of an existing mount without touching the file system below it.</summary>
    public static void Remount(string target, MountOptions options) => Mount(null, target, null, MS_REMOUNT | MS_BIND | (nuint)(int)options, null);

    /// <summary>Keeps mounts at and below a mount point from spreading to other namespaces.</summary>
    public static void MakePrivate(string target) => Mount(null, target, null, MS_PRIVATE | MS_REC, null);

    /// <summary>Mounts a file system in memory.</summary>
    /// <param name="target">Where.</param>
    /// <param name="sizeBytes">Its limit, or 0 for the kernel's (half of the memory).</param>
    /// <param name="mode">Permissions of its root directory.</param>
    /// <param name="options">Mount flags.</param>
    public static void Tmpfs(string target, long sizeBytes, int mode, MountOptions options)
    {
        var data = "mode=" + Convert.ToString(mode, 8);
        if (sizeBytes > 0) data += string.Create(CultureInfo.InvariantCulture, $",size={sizeBytes}");
        Mount("tmpfs", target, "tmpfs", (nuint)(int)options, data);
    }

    /// <summary>Mounts an overlay.</summary>
    public static void Overlay(OverlayMount overlay)
    {
        var data = OverlayData(overlay, overlay.Lower);
        if (data.Length <= OptionsLimit)
        {
            Mount("overlay", overlay.Target, "overlay", 0, data);
            return;
        }

        // Options fill at most one page. Descriptors of the layers make names of a dozen bytes whatever the layers are called.
        var descriptors = new List<int>();
        try
        {
            foreach (var layer in overlay.Lower) descriptors.Add(FileDescriptor.Open(layer, OpenMode.Directory));
            var names = descriptors.ConvertAll(static fd => string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{fd}"));
            Mount("overlay", overlay.Target, "overlay", 0, OverlayData(overlay, names));
        }
        finally
        {
            descriptors.ForEach(FileDescriptor.Close);
        }
    }

    /// <summary>
    /// Unmounts; false when nothing is mounted there. A busy mount is detached: gone from here at once, and freed when its last user is.
    /// A symbolic link is not followed.
    /// </summary>
    public static bool Unmount(string target)
    {
        if (Libc.Unmount(target, Libc.UMOUNT_NOFOLLOW) == 0) return true;
        var errno = Marshal.GetLastPInvokeError();
        if (errno is Errno.EINVAL or Errno.ENOENT) return false;
        if (errno != Errno.EBUSY) throw new LinuxException("umount", target, errno);
        if (Libc.Unmount(target, Libc.UMOUNT_NOFOLLOW | Libc.MNT_DETACH) == 0) return true;
        throw LinuxException.Last("umount", target);
    }

    /// <summary>Unmounts everything mounted at or below a directory, innermost first, mounts over mounts included.</summary>
    public static void UnmountTree(string directory)
    {
        var mounted = MountTable.Read().Where(mount => mount.IsAtOrBelow(directory)).Reverse().ToList();
        foreach (var mount in mounted) Unmount(mount.Point);
    }

    private static string OverlayData(OverlayMount overlay, IReadOnlyList<string> lower)
    {
        var data = "lowerdir=" + string.Join(':', lower.Select(Escape));
        if (overlay.Upper is { } upper) data += ",upperdir=" + Escape(upper) + ",workdir=" + Escape(overlay.Work ?? throw new ArgumentException("A writable overlay needs a work directory.", nameof(overlay)));
        return overlay.Volatile ? data + ",volatile" : data;
    }

    private static string Escape(string path) => path.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(",", "\\,", StringComparison.Ordinal).Replace(":", "\\:", StringComparison.Ordinal);

    private static void Mount(string? source, string target, string? type, nuint flags, string? data)
    {
        if (Libc.Mount(source, target, type, flags, data) < 0) throw LinuxException.Last("mount" + (type is null ? "" : " " + type), target);
    }
}
