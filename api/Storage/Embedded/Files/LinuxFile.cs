using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ControlPlane.Api.Storage.Embedded.Files;

internal sealed class LinuxFile(string name, string path, SafeFileHandle handle) : IStoreFile
{
    private static readonly byte[] Zeros = new byte[256 * 1024];

    public string Name { get; set; } = name;

    public long Length => RandomAccess.GetLength(handle);

    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(handle, bytes, offset);
        }
        catch (IOException e) when (e.HResult is LinuxCalls.NoSpace or LinuxCalls.QuotaExceeded)
        {
            throw NoSpace(path, e);
        }
    }

    public int Read(long offset, Span<byte> bytes)
    {
        int total = 0;
        while (total < bytes.Length)
        {
            int read = RandomAccess.Read(handle, bytes[total..], offset + total);
            if (read == 0)
            {
                break;
            }

            total += read;
        }

        return total;
    }

    public void Allocate(long length)
    {
        if (LinuxCalls.Allocate(handle, 0, 0, length) == 0)
        {
            return;
        }

        if (Marshal.GetLastPInvokeError() != LinuxCalls.NotSupported)
        {
            throw Fault("reserve space for", path);
        }

        // No reservation on this file system: writing zeros reserves as well, only slower.
        for (long offset = Length; offset < length; offset += Zeros.Length)
        {
            Write(offset, Zeros.AsSpan(0, (int)Math.Min(Zeros.Length, length - offset)));
        }
    }

    public void Sync()
    {
        // Not retried: after a failed sync the kernel may have dropped the pages, and a second "success" would be a lie.
        if (LinuxCalls.DataSync(handle) < 0)
        {
            throw Fault("sync", path);
        }
    }

    public void Dispose() => handle.Dispose();

    /// <summary>The last failed call as an exception.</summary>
    public static Exception Fault(string action, string path)
    {
        int error = Marshal.GetLastPInvokeError();
        var io = new IOException($"cannot {action} {path}: {Marshal.GetPInvokeErrorMessage(error)}", error);
        return error is LinuxCalls.NoSpace or LinuxCalls.QuotaExceeded ? NoSpace(path, io) : io;
    }

    private static StoreException NoSpace(string path, Exception inner) =>
        new(StoreFault.NoSpace, $"No space left for {path}. Writes are refused until there is some; reads go on.", inner);
}
