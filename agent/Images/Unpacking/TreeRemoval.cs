using System.Runtime.InteropServices;

namespace ControlPlane.Agent.Images.Unpacking;

/// <summary>
/// Recursive removal that follows no link and handles names that are no valid text, which the framework's cannot delete.
/// </summary>
internal static unsafe partial class TreeRemoval
{
    private const int MaxDepth = 2048;
    private const long SYS_getdents64 = 217;
    private const long SYS_getdents64_Arm64 = 61;

    private static readonly long GetDents = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? SYS_getdents64_Arm64 : SYS_getdents64;

    public static void Remove(string path)
    {
        var trimmed = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var parent = Native.openat(
            Native.AT_FDCWD, ByteString.FromText(Path.GetDirectoryName(trimmed)!), Native.O_PATH | Native.O_DIRECTORY | Native.O_CLOEXEC, 0);
        if (parent < 0 && Marshal.GetLastPInvokeError() == Native.ENOENT)
            return;
        Native.Check(parent, "open", path);
        try
        {
            Remove(parent, ByteString.FromText(Path.GetFileName(trimmed)));
        }
        finally
        {
            Native.close(parent);
        }
    }

    /// <summary>Removes a file, link or whole directory; nothing happens when it does not exist.</summary>
    public static void Remove(int parent, string name) => Remove(parent, name, 0);

    private static void Remove(int parent, string name, int depth)
    {
        if (Native.unlinkat(parent, name, 0) == 0 || Marshal.GetLastPInvokeError() == Native.ENOENT)
            return;
        if (Marshal.GetLastPInvokeError() != Native.EISDIR)
            throw Native.Failure("unlink", name);
        if (depth > MaxDepth)
            throw new IOException($"{ByteString.Display(name)} is nested too deeply to be removed");

        var directory = Native.openat(parent, name, Native.O_DIRECTORY | Native.O_NOFOLLOW | Native.O_CLOEXEC, 0);
        Native.Check(directory, "open", name);
        try
        {
            foreach (var child in Children(directory, name))
                Remove(directory, child, depth + 1);
        }
        finally
        {
            Native.close(directory);
        }

        Native.Check(Native.unlinkat(parent, name, Native.AT_REMOVEDIR), "rmdir", name);
    }

    private static List<string> Children(int directory, string name)
    {
        // struct linux_dirent64: inode (8), offset (8), record length (2), type (1), name up to a NUL.
        const int recordLength = 16, nameOffset = 19;
        var names = new List<string>();
        var buffer = new byte[32 * 1024];
        fixed (byte* start = buffer)
        {
            while (true)
            {
                var count = (int)getdents64(GetDents, directory, start, (nuint)buffer.Length);
                Native.Check(count, "read directory", name);
                if (count == 0)
                    return names;
                for (var offset = 0; offset < count; offset += *(ushort*)(start + offset + recordLength))
                {
                    var child = ByteString.From(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(start + offset + nameOffset));
                    if (child is not ("." or ".."))
                        names.Add(child);
                }
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long getdents64(long number, int directory, byte* buffer, nuint size);
}
