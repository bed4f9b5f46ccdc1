using System.Text;
using ControlPlane.Agent.Linux.Interop;

namespace ControlPlane.Agent.Linux;

/// <summary>
/// Whole small files (procfs, cgroupfs, state records) by plain system calls: no stream, buffer or thread pool, so that the shim can
/// use it inside its memory budget and reads of procfs are one system call.
/// </summary>
public static class SmallFile
{
    /// <summary>Reads a file as UTF-8 text.</summary>
    public static string ReadText(string path)
    {
        var bytes = ReadBytes(path);
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Reads a file as UTF-8 text, or null when it (or a directory on its way) does not exist.</summary>
    public static string? TryReadText(string path)
    {
        try
        {
            return ReadText(path);
        }
        catch (LinuxException gone) when (gone.Errno is Errno.ENOENT or Errno.ENOTDIR or Errno.ESRCH or 19 /* ENODEV: cgroup removed */)
        {
            return null;
        }
    }

    /// <summary>Reads a file.</summary>
    public static byte[] ReadBytes(string path)
    {
        var fd = FileDescriptor.Open(path, OpenMode.Read);
        try
        {
            var buffer = new byte[1024];
            var length = 0;
            while (true)
            {
                if (length == buffer.Length) Array.Resize(ref buffer, buffer.Length * 4);
                var count = FileDescriptor.Read(fd, buffer.AsSpan(length));
                if (count < 0) throw new LinuxException("read", path, -count);
                if (count == 0) break;
                length += count;
            }

            Array.Resize(ref buffer, length);
            return buffer;
        }
        finally
        {
            FileDescriptor.Close(fd);
        }
    }

    /// <summary>Writes into an existing file (a control file of the kernel) in one write call.</summary>
    public static void WriteControl(string path, string value)
    {
        var fd = FileDescriptor.Open(path, OpenMode.ReadWrite);
        WriteAndClose(fd, path, Encoding.UTF8.GetBytes(value));
    }

    /// <summary>
    /// Replaces a file by writing beside it and renaming: a reader, or a crash at any instruction, sees the old or the new content.
    /// It is not synced to the disk: these records describe processes, which do not survive a power loss either.
    /// </summary>
    public static void Replace(string path, string content, uint permissions = 0x180 /* 0600 */)
    {
        var temporary = path + ".new";
        WriteAndClose(FileDescriptor.Open(temporary, OpenMode.Create, permissions), temporary, Encoding.UTF8.GetBytes(content));
        if (Libc.Rename(temporary, path) < 0) throw LinuxException.Last("rename", path);
    }

    /// <summary>Renames a file over another; false when there is nothing to rename.</summary>
    public static bool TryRename(string from, string to)
    {
        if (Libc.Rename(from, to) == 0) return true;
        var error = LinuxException.Last("rename", from);
        return error.Errno == Errno.ENOENT ? false : throw error;
    }

    /// <summary>Removes a file; false when there was none.</summary>
    public static bool Remove(string path)
    {
        if (Libc.Unlink(path) == 0) return true;
        var error = LinuxException.Last("unlink", path);
        return error.Errno == Errno.ENOENT ? false : throw error;
    }

    /// <summary>Whether anything is there.</summary>
    public static bool Exists(string path) => Libc.Access(path, 0) == 0;

    private static void WriteAndClose(int fd, string path, ReadOnlySpan<byte> content)
    {
        try
        {
            do
            {
                var count = FileDescriptor.Write(fd, content);
                if (count < 0) throw new LinuxException("write", path, -count);
                content = content[count..];
            }
            while (!content.IsEmpty);
        }
        finally
        {
            FileDescriptor.Close(fd);
        }
    }
}
