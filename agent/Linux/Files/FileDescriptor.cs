using System.Runtime.InteropServices;
using ControlPlane.Agent.Linux.Interop;

namespace ControlPlane.Agent.Linux;

/// <summary>
/// Operations on raw descriptors. Reads and writes follow the kernel's own convention, a count or a negative error number, because
/// an event loop meets <c>EAGAIN</c> and <c>EPIPE</c> as ordinary outcomes. Everything opened here is close-on-exec.
/// </summary>
public static unsafe class FileDescriptor
{
    private const int F_GETFL = 3;
    private const int F_SETFL = 4;

    /// <summary>Reads once. Returns the count (0 at the end) or a negative error number.</summary>
    public static int Read(int fd, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            nint count;
            do count = Libc.Read(fd, start, (nuint)buffer.Length);
            while (count < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);
            return count < 0 ? -Marshal.GetLastPInvokeError() : (int)count;
        }
    }

    /// <summary>Writes once. Returns the count, which may be short, or a negative error number.</summary>
    public static int Write(int fd, ReadOnlySpan<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            nint count;
            do count = Libc.Write(fd, start, (nuint)buffer.Length);
            while (count < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);
            return count < 0 ? -Marshal.GetLastPInvokeError() : (int)count;
        }
    }

    /// <summary>Closes a descriptor; a negative one is no descriptor and ignored.</summary>
    public static void Close(int fd)
    {
        // A failing close has still released the descriptor on Linux, so there is nothing a caller could do about it.
        if (fd >= 0) _ = Libc.Close(fd);
    }

    /// <summary>Opens a file.</summary>
    public static int Open(string path, OpenMode mode, uint permissions = 0x180 /* 0600 */)
    {
        var flags = Libc.O_CLOEXEC | mode switch
        {
            OpenMode.Read => Libc.O_RDONLY,
            OpenMode.ReadWrite => Libc.O_RDWR,
            OpenMode.Create => Libc.O_WRONLY | Libc.O_CREAT | Libc.O_TRUNC,
            OpenMode.Append => Libc.O_WRONLY | Libc.O_CREAT | Libc.O_APPEND,
            OpenMode.Directory => Libc.O_PATH | Libc.O_DIRECTORY,
            _ => throw new ArgumentOutOfRangeException(nameof(mode)),
        };
        var fd = Libc.Open(path, flags, permissions);
        return fd >= 0 ? fd : throw LinuxException.Last("open", path);
    }

    /// <summary>A pipe; both ends block until told otherwise.</summary>
    public static PipeEnds Pipe()
    {
        var ends = stackalloc int[2];
        if (Libc.Pipe2(ends, Libc.O_CLOEXEC) < 0) throw LinuxException.Last("pipe2");
        return new PipeEnds(ends[0], ends[1]);
    }

    /// <summary>Makes reads and writes return <c>EAGAIN</c> instead of waiting.</summary>
    public static void SetNonBlocking(int fd)
    {
        var flags = Libc.Fcntl(fd, F_GETFL, 0);
        if (flags < 0 || Libc.Fcntl(fd, F_SETFL, flags | Libc.O_NONBLOCK) < 0) throw LinuxException.Last("fcntl");
    }

    /// <summary>A second descriptor of the same open file, close-on-exec.</summary>
    public static int Duplicate(int fd)
    {
        const int F_DUPFD_CLOEXEC = 1030;
        var copy = Libc.Fcntl(fd, F_DUPFD_CLOEXEC, 0);
        return copy >= 0 ? copy : throw LinuxException.Last("fcntl", "F_DUPFD_CLOEXEC");
    }

    /// <summary>The size of an open file, found by seeking to its end.</summary>
    public static long Size(int fd)
    {
        var size = Libc.Seek(fd, 0, 2);
        return size >= 0 ? size : throw LinuxException.Last("lseek");
    }

    /// <summary>Closes every descriptor from <paramref name="first"/> up, or marks them close-on-exec.</summary>
    public static void CloseFrom(int first, bool onExecOnly = false)
    {
        const uint CloseOnExec = 4;
        if (Libc.CloseRange((uint)first, uint.MaxValue, onExecOnly ? CloseOnExec : 0) < 0) throw LinuxException.Last("close_range");
    }
}
