using System.Runtime.InteropServices;
using ControlPlane.Agent.Linux.Interop;

namespace ControlPlane.Agent.Linux;

/// <summary>The loopback device of the calling thread's network namespace; it comes into the world down.</summary>
internal static unsafe class Loopback
{
    private const nuint SIOCGIFFLAGS = 0x8913;
    private const nuint SIOCSIFFLAGS = 0x8914;
    private const short IFF_UP = 1;

    internal static void Raise()
    {
        var socket = Libc.Socket(Libc.AF_INET, Libc.SOCK_DGRAM | Libc.SOCK_CLOEXEC, 0);
        if (socket < 0) throw LinuxException.Last("socket");
        try
        {
            var request = default(InterfaceRequest);
            request.Name[0] = (byte)'l';
            request.Name[1] = (byte)'o';
            if (Libc.Ioctl(socket, SIOCGIFFLAGS, &request) < 0) throw LinuxException.Last("ioctl", "SIOCGIFFLAGS lo");
            request.Flags |= IFF_UP;
            if (Libc.Ioctl(socket, SIOCSIFFLAGS, &request) < 0) throw LinuxException.Last("ioctl", "SIOCSIFFLAGS lo");
        }
        finally
        {
            FileDescriptor.Close(socket);
        }
    }

    /// <summary>struct ifreq: a name and a union, 40 bytes.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 40)]
    private struct InterfaceRequest
    {
        internal fixed byte Name[16];
        internal short Flags;
    }
}
