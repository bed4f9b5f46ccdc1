using System.Runtime.InteropServices;
using System.Text;
using ControlPlane.Agent.Linux.Interop;

namespace ControlPlane.Agent.Linux;

/// <summary>Unix stream sockets on raw descriptors, all close-on-exec.</summary>
public static unsafe class UnixSocket
{
    private const int PathLimit = 107;

    /// <summary>Binds and listens at a path that must not exist yet; only the owner may connect.</summary>
    public static int Listen(string path, int backlog)
    {
        var fd = Libc.Socket(Libc.AF_UNIX, Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC, 0);
        if (fd < 0) throw LinuxException.Last("socket", path);
        try
        {
            Bind(fd, path);
            if (Libc.ChangeMode(path, 0x180 /* 0600 */) < 0) throw LinuxException.Last("chmod", path);
            if (Libc.Listen(fd, backlog) < 0) throw LinuxException.Last("listen", path);
            return fd;
        }
        catch
        {
            FileDescriptor.Close(fd);
            throw;
        }
    }

    /// <summary>Accepts one connection, non-blocking; a negative error number when there is none.</summary>
    public static int Accept(int listener)
    {
        var fd = Libc.Accept4(listener, null, null, Libc.SOCK_CLOEXEC | Libc.SOCK_NONBLOCK);
        return fd >= 0 ? fd : -Marshal.GetLastPInvokeError();
    }

    /// <summary>Who is at the other end, as the kernel recorded it when the connection was made.</summary>
    public static PeerCredentials Peer(int fd)
    {
        PeerCredentials peer;
        var length = (uint)sizeof(PeerCredentials);
        return Libc.GetSocketOption(fd, Libc.SOL_SOCKET, Libc.SO_PEERCRED, &peer, &length) == 0 ? peer : throw LinuxException.Last("getsockopt", "SO_PEERCRED");
    }

    /// <summary>Sends without raising SIGPIPE. Returns the count, which may be short, or a negative error number.</summary>
    public static int Send(int fd, ReadOnlySpan<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            nint count;
            do count = Libc.Send(fd, start, (nuint)buffer.Length, Libc.MSG_NOSIGNAL);
            while (count < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);
            return count < 0 ? -Marshal.GetLastPInvokeError() : (int)count;
        }
    }

    /// <summary>Receives a message that carries one descriptor (SCM_RIGHTS); a negative error number when none has come.</summary>
    public static int ReceiveDescriptor(int fd)
    {
        const int HeaderSize = 16;
        var text = stackalloc byte[256];
        var control = stackalloc byte[64];
        var vector = new Libc.IoVector { Base = text, Length = 256 };
        var message = new Libc.MessageHeader { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = 64 };
        var count = Libc.ReceiveMessage(fd, &message, Libc.MSG_CMSG_CLOEXEC);
        if (count < 0) return -Marshal.GetLastPInvokeError();

        // cmsghdr: length (8 bytes), level (4), type (4), then the descriptors.
        var isRights = message.ControlLength >= HeaderSize + sizeof(int)
            && *(int*)(control + 8) == Libc.SOL_SOCKET && *(int*)(control + 12) == Libc.SCM_RIGHTS;
        return isRights ? *(int*)(control + HeaderSize) : -Errno.EINVAL;
    }

    private static void Bind(int fd, string path)
    {
        var length = Encoding.UTF8.GetByteCount(path);
        if (length > PathLimit) throw new ArgumentException($"A socket's path has at most {PathLimit} bytes: {path}", nameof(path));
        var address = stackalloc byte[PathLimit + 3];
        *(ushort*)address = Libc.AF_UNIX;
        Encoding.UTF8.GetBytes(path, new Span<byte>(address + 2, PathLimit));
        address[2 + length] = 0;
        if (Libc.Bind(fd, address, (uint)(length + 3)) < 0) throw LinuxException.Last("bind", path);
    }
}
