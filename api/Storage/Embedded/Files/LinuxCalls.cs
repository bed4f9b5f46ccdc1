using System.Runtime.InteropServices;

namespace ControlPlane.Api.Storage.Embedded.Files;

/// <summary>The system calls .NET does not offer: data-only sync, reservation of space, and a lock that dies with its owner.</summary>
internal static partial class LinuxCalls
{
    public const int Interrupted = 4;
    public const int WouldBlock = 11;
    public const int NoSpace = 28;
    public const int NotSupported = 95;
    public const int QuotaExceeded = 122;

    public const int LockExclusiveNow = 2 | 4;
    public const int OpenDirectory = 0x10000 | 0x80000; // O_DIRECTORY | O_CLOEXEC
    public const int OpenOwnFile = 2 | 0x40 | 0x80000; // O_RDWR | O_CREAT | O_CLOEXEC
    public const int OwnerOnly = 0x180; // 0600

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    public static partial int DataSync(SafeHandle file);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int Sync(int file);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    public static partial int Allocate(SafeHandle file, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    public static partial int Lock(SafeHandle file, int operation);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int file);
}
