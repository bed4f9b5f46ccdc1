using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ControlPlane.Api.Storage.Embedded.Files;

/// <summary>A real directory, owned by one process through a lock on its <c>lock</c> file. The kernel drops the lock with the process.</summary>
internal sealed class DirectoryFiles : IStoreFiles
{
    private const string LockName = "lock";
    private readonly string _path;
    private readonly SafeFileHandle _lock;

    private DirectoryFiles(string path, SafeFileHandle @lock)
    {
        _path = path;
        _lock = @lock;
    }

    public static DirectoryFiles Open(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("The embedded store needs Linux.");
        }

        path = Path.GetFullPath(path);
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string lockPath = Path.Combine(path, LockName);
        // Not File.OpenHandle: that takes a lock of its own and would fail without a word about the owner.
        int descriptor = LinuxCalls.Open(lockPath, LinuxCalls.OpenOwnFile, LinuxCalls.OwnerOnly);
        if (descriptor < 0)
        {
            throw LinuxFile.Fault("open", lockPath);
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        try
        {
            Own(handle, path, lockPath);
            return new DirectoryFiles(path, handle);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    public IReadOnlyList<string> List() =>
        [.. new DirectoryInfo(_path).EnumerateFiles().Select(f => f.Name).Where(n => n != LockName).Order(StringComparer.Ordinal)];

    public IStoreFile Create(string name) => OpenFile(name, FileMode.Create);

    IStoreFile IStoreFiles.Open(string name) => OpenFile(name, FileMode.Open);

    public void Rename(string from, string to) => File.Move(Describe(from), Describe(to), overwrite: true);

    public void Delete(string name) => File.Delete(Describe(name));

    public void SyncDirectory()
    {
        int directory = LinuxCalls.Open(_path, LinuxCalls.OpenDirectory, 0);
        if (directory < 0)
        {
            throw LinuxFile.Fault("open", _path);
        }

        Exception? fault = LinuxCalls.Sync(directory) < 0 ? LinuxFile.Fault("sync", _path) : null;
        _ = LinuxCalls.Close(directory);
        if (fault is not null)
        {
            throw fault;
        }
    }

    public string Describe(string name) => Path.Combine(_path, name);

    public void Dispose() => _lock.Dispose();

    private static void Own(SafeFileHandle handle, string path, string lockPath)
    {
        if (LinuxCalls.Lock(handle, LinuxCalls.LockExclusiveNow) < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error != LinuxCalls.WouldBlock)
            {
                throw new IOException($"cannot lock {lockPath}: {Marshal.GetPInvokeErrorMessage(error)}", error);
            }

            Span<byte> owner = stackalloc byte[32];
            int length = RandomAccess.Read(handle, owner, 0);
            throw new StoreException(
                StoreFault.Refused,
                $"The store in {path} is in use by process {Encoding.UTF8.GetString(owner[..length]).Trim()}. Stop that process, or give this one a directory of its own.");
        }

        RandomAccess.SetLength(handle, 0);
        RandomAccess.Write(handle, Encoding.UTF8.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)), 0);
    }

    private LinuxFile OpenFile(string name, FileMode mode)
    {
        string path = Describe(name);
        return new LinuxFile(name, path, File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete));
    }
}
