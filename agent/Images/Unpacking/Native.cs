using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;

namespace ControlPlane.Agent.Images.Unpacking;

/// <summary>The file system calls unpacking needs: everything relative to a directory handle, nothing that follows a link.</summary>
internal static unsafe partial class Native
{
    public const int ENOENT = 2, EEXIST = 17, ENOTDIR = 20, EISDIR = 21, ELOOP = 40, ENODATA = 61, EOPNOTSUPP = 95;
    public const int O_WRONLY = 1, O_CREAT = 0x40, O_EXCL = 0x80, O_DIRECTORY = 0x10000, O_NOFOLLOW = 0x20000,
        O_CLOEXEC = 0x80000, O_PATH = 0x200000;
    public const int AT_FDCWD = -100, AT_SYMLINK_NOFOLLOW = 0x100, AT_REMOVEDIR = 0x200, AT_EMPTY_PATH = 0x1000;
    public const uint S_IFMT = 0xF000, S_IFDIR = 0x4000, S_IFCHR = 0x2000, S_IFIFO = 0x1000;

    private const long SYS_openat2 = 437;
    private const ulong RESOLVE_NO_MAGICLINKS = 2, RESOLVE_IN_ROOT = 0x10;

    /// <summary>Opens a directory as a process whose root is <paramref name="root"/> would see it. Returns -1 and sets the last error.</summary>
    public static int OpenDirectoryInRoot(int root, string path)
    {
        var how = new OpenHow { Flags = O_PATH | O_DIRECTORY | O_CLOEXEC, Resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
        return (int)openat2(SYS_openat2, root, path, &how, (nuint)sizeof(OpenHow));
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long openat2(
        long number, int directory, [MarshalUsing(typeof(ByteString.Marshaller))] string path, OpenHow* how, nuint size);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int openat(int directory, [MarshalUsing(typeof(ByteString.Marshaller))] string path, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int mkdirat(int directory, [MarshalUsing(typeof(ByteString.Marshaller))] string path, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int mknodat(int directory, [MarshalUsing(typeof(ByteString.Marshaller))] string path, uint mode, ulong device);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int unlinkat(int directory, [MarshalUsing(typeof(ByteString.Marshaller))] string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int symlinkat(
        [MarshalUsing(typeof(ByteString.Marshaller))] string target, int directory, [MarshalUsing(typeof(ByteString.Marshaller))] string path);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int linkat(
        int fromDirectory, [MarshalUsing(typeof(ByteString.Marshaller))] string from,
        int toDirectory, [MarshalUsing(typeof(ByteString.Marshaller))] string to, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fchownat(
        int directory, [MarshalUsing(typeof(ByteString.Marshaller))] string path, uint user, uint group, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fchmodat(int directory, [MarshalUsing(typeof(ByteString.Marshaller))] string path, uint mode, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int utimensat(
        int directory, [MarshalUsing(typeof(ByteString.Marshaller))] string path, Timespec* accessAndModification, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fchown(int file, uint user, uint group);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fchmod(int file, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int futimens(int file, Timespec* accessAndModification);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint write(int file, byte* buffer, nint count);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int close(int file);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int syncfs(int file);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fsetxattr(
        int file, [MarshalUsing(typeof(ByteString.Marshaller))] string name, byte* value, nint size, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int lsetxattr(
        [MarshalUsing(typeof(ByteString.Marshaller))] string path, [MarshalUsing(typeof(ByteString.Marshaller))] string name,
        byte* value, nint size, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int statx(
        int directory, [MarshalUsing(typeof(ByteString.Marshaller))] string path, int flags, uint mask, byte* buffer);

    /// <summary>The file's metadata without following a link, or null when there is none.</summary>
    public static FileMetadata? Stat(int directory, string path)
    {
        const uint basicStats = 0x7ff;
        var buffer = stackalloc byte[256];
        if (statx(directory, path, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, basicStats, buffer) != 0)
        {
            return Marshal.GetLastPInvokeError() is ENOENT or ENOTDIR ? null : throw Failure("statx", path);
        }

        return new FileMetadata(
            *(ushort*)(buffer + 28), *(uint*)(buffer + 20), *(uint*)(buffer + 24), *(uint*)(buffer + 16), *(long*)(buffer + 40),
            new Timespec { Seconds = *(long*)(buffer + 112), Nanoseconds = *(uint*)(buffer + 120) });
    }

    public static void Check(int result, string operation, string path)
    {
        if (result < 0)
            throw Failure(operation, path);
    }

    public static IOException Failure(string operation, string path)
    {
        var inner = new Win32Exception(Marshal.GetLastPInvokeError());
        return new IOException($"{operation} {ByteString.Display(path)}: {inner.Message}", inner);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }
}

[StructLayout(LayoutKind.Sequential)]
internal struct Timespec
{
    public long Seconds;
    public long Nanoseconds;
}

internal readonly record struct FileMetadata(uint Mode, uint User, uint Group, uint Links, long Size, Timespec Modified)
{
    public bool IsDirectory => (Mode & Native.S_IFMT) == Native.S_IFDIR;

    public bool IsCharacterDevice => (Mode & Native.S_IFMT) == Native.S_IFCHR;
}
