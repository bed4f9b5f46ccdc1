using ControlPlane.Agent.Linux.Interop;

namespace ControlPlane.Agent.Linux;

/// <summary>The room in a file system.</summary>
/// <param name="TotalBytes">Its size.</param>
/// <param name="AvailableBytes">What unprivileged users may still fill.</param>
/// <param name="TotalInodes">How many files it can hold; 0 where it does not count them.</param>
/// <param name="FreeInodes">How many more files it can hold.</param>
public readonly record struct FileSystemUsage(long TotalBytes, long AvailableBytes, long TotalInodes, long FreeInodes)
{
    /// <summary>The file system that holds a path.</summary>
    public static unsafe FileSystemUsage Of(string path)
    {
        Libc.FileSystemStatus status;
        if (Libc.StatFileSystem(path, &status) < 0) throw LinuxException.Last("statvfs", path);
        var unit = (long)status.FragmentSize;
        return new FileSystemUsage((long)status.Blocks * unit, (long)status.BlocksAvailable * unit, (long)status.Files, (long)status.FilesFree);
    }
}
