using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using ControlPlane.Agent.Linux.Interop;
using Microsoft.Win32.SafeHandles;

namespace ControlPlane.Agent.Linux;

/// <summary>
/// Paths inside a tree somebody else controls. The kernel resolves them with the tree as the root (openat2, RESOLVE_IN_ROOT): neither
/// "..", an absolute link nor a link exchanged at the wrong moment leads out. What is used afterwards is the descriptor, not the name.
/// </summary>
public static unsafe class RootedPath
{
    private const ulong RESOLVE_NO_MAGICLINKS = 2;
    private const ulong RESOLVE_IN_ROOT = 16;

    /// <summary>Opens what is at a path inside a tree, as a place (O_PATH), following links within the tree.</summary>
    public static SafeFileHandle Open(string root, string path) => Open(root, path, Libc.O_PATH);

    /// <summary>Opens a file inside a tree for reading.</summary>
    public static SafeFileHandle OpenRead(string root, string path) => Open(root, path, Libc.O_RDONLY);

    /// <summary>Makes a directory and its parents inside a tree and opens it as a place. Existing ones stay as they are.</summary>
    public static SafeFileHandle EnsureDirectory(string root, string path, uint mode = 0x1ED /* 0755 */)
    {
        var current = Open(root, ".", Libc.O_PATH | Libc.O_DIRECTORY);
        var reached = "";
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (name == ".") continue;
            reached += "/" + name;
            using var parent = current;
            if (name != ".." && Libc.MakeDirectoryAt((int)parent.DangerousGetHandle(), name, mode) < 0 && Marshal.GetLastPInvokeError() != Errno.EEXIST)
                throw LinuxException.Last("mkdir", root + reached);

            // Resolved from the root again, so that a link met on the way is taken inside the tree.
            current = Open(root, reached, Libc.O_PATH | Libc.O_DIRECTORY);
        }

        return current;
    }

    /// <summary>A name for a descriptor that mount(2) and others take: <c>/proc/self/fd/N</c>.</summary>
    public static string NameOf(SafeFileHandle handle) => string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{handle.DangerousGetHandle()}");

    private static SafeFileHandle Open(string root, string path, int flags)
    {
        var directory = FileDescriptor.Open(root, OpenMode.Directory);
        try
        {
            var how = new Libc.OpenHow { Flags = (ulong)(flags | Libc.O_CLOEXEC), Resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
            var name = Encoding.UTF8.GetBytes(path + "\0");
            fixed (byte* start = name)
            {
                nint fd;

                // EAGAIN: something was renamed during the walk, so the kernel could not be sure; it asks to try again.
                do fd = Libc.SystemCall(Libc.SYS_openat2, directory, (nint)start, (nint)(&how), sizeof(Libc.OpenHow));
                while (fd < 0 && Marshal.GetLastPInvokeError() is Errno.EAGAIN or Errno.EINTR);
                return fd >= 0 ? new SafeFileHandle(fd, ownsHandle: true) : throw LinuxException.Last("openat2", root + "/" + path.TrimStart('/'));
            }
        }
        finally
        {
            FileDescriptor.Close(directory);
        }
    }
}
