using System.Runtime.InteropServices;
using ControlPlane.Agent.Linux.Interop;

namespace ControlPlane.Agent.Linux;

/// <summary>The controlling side of a pseudo-terminal.</summary>
public static unsafe class Terminal
{
    private const nuint TIOCSWINSZ = 0x5414;

    /// <summary>Sets the size the programs in the terminal see and sends them SIGWINCH.</summary>
    public static void Resize(int master, ushort columns, ushort rows)
    {
        var size = new WindowSize { Rows = rows, Columns = columns };
        if (Libc.Ioctl(master, TIOCSWINSZ, &size) < 0) throw LinuxException.Last("ioctl", "TIOCSWINSZ");
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct WindowSize
    {
        public ushort Rows;
        public ushort Columns;
        public ushort PixelWidth;
        public ushort PixelHeight;
    }
}
