using System.Runtime.InteropServices;

namespace ControlPlane.Agent.Images.Unpacking;

/// <summary>
/// The directory a layer is unpacked into. Paths are resolved by the kernel as if the directory were "/"
/// (openat2, RESOLVE_IN_ROOT): no link inside the layer, however it is made or exchanged, leads out of it.
/// </summary>
internal sealed class LayerTree : IDisposable
{
    private readonly HashSet<string> _implicitDirectories = new(StringComparer.Ordinal);
    private int _lastHandle = -1;
    private string _lastDirectory = "";

    public LayerTree(string path)
    {
        Path = path;
        Root = Native.openat(Native.AT_FDCWD, ByteString.FromText(path), Native.O_PATH | Native.O_DIRECTORY | Native.O_CLOEXEC, 0);
        Native.Check(Root, "open", path);
    }

    public string Path { get; }

    public int Root { get; }

    /// <summary>Directories the archive used but did not describe.</summary>
    public IReadOnlyCollection<string> ImplicitDirectories => _implicitDirectories;

    /// <summary>A handle on the directory, made if missing. It stays valid until the next call or <see cref="Forget"/>.</summary>
    public int Directory(string directory)
    {
        if (directory.Length == 0)
            return Root;
        if (_lastHandle >= 0 && _lastDirectory == directory)
            return _lastHandle;
        var handle = Native.OpenDirectoryInRoot(Root, directory);
        if (handle < 0)
            handle = Marshal.GetLastPInvokeError() == Native.ENOENT ? Create(directory) : throw Unusable(directory);
        Forget();
        (_lastHandle, _lastDirectory) = (handle, directory);
        return handle;
    }

    /// <summary>The directory if it exists; the caller closes the handle. -1 when it does not.</summary>
    public int TryOpen(string directory) => Native.OpenDirectoryInRoot(Root, directory.Length == 0 ? "." : directory);

    /// <summary>Drops the remembered handle: what its path names may have changed.</summary>
    public void Forget()
    {
        if (_lastHandle >= 0)
            Native.close(_lastHandle);
        _lastHandle = -1;
    }

    /// <summary>Gives a directory the mode, owner and time it has in the first of the lower trees that knows it.</summary>
    public unsafe void CopyMetadata(string directory, IEnumerable<LayerTree> lower)
    {
        var handle = TryOpen(directory);
        if (handle < 0)
            return;
        try
        {
            if (lower.Select(tree => tree.Metadata(directory)).FirstOrDefault(found => found is not null) is not { } metadata)
                return;
            Native.Check(Native.fchownat(handle, ".", metadata.User, metadata.Group, Native.AT_SYMLINK_NOFOLLOW), "chown", directory);
            Native.Check(Native.fchmodat(handle, ".", metadata.Mode & 0xFFF, 0), "chmod", directory);
            var times = stackalloc[] { metadata.Modified, metadata.Modified };
            Native.Check(Native.utimensat(handle, ".", times, Native.AT_SYMLINK_NOFOLLOW), "utimens", directory);
        }
        finally
        {
            Native.close(handle);
        }
    }

    public void Described(string directory) => _implicitDirectories.Remove(directory);

    public void Dispose()
    {
        Forget();
        Native.close(Root);
    }

    private FileMetadata? Metadata(string directory)
    {
        var handle = TryOpen(directory);
        if (handle < 0)
            return null;
        try
        {
            return Native.Stat(handle, ".");
        }
        finally
        {
            Native.close(handle);
        }
    }

    private int Create(string directory)
    {
        for (var slash = directory.IndexOf('/'); ; slash = directory.IndexOf('/', slash + 1))
        {
            var prefix = slash < 0 ? directory : directory[..slash];
            MakeOne(prefix);
            if (slash < 0)
                break;
        }

        var handle = Native.OpenDirectoryInRoot(Root, directory);
        return handle >= 0 ? handle : throw Unusable(directory);
    }

    private void MakeOne(string directory)
    {
        var existing = TryOpen(directory);
        if (existing >= 0)
        {
            Native.close(existing);
            return;
        }

        var cut = directory.LastIndexOf('/');
        var parent = cut < 0 ? Native.openat(Root, ".", Native.O_PATH | Native.O_DIRECTORY | Native.O_CLOEXEC, 0) : TryOpen(directory[..cut]);
        if (parent < 0)
            throw Unusable(directory);
        try
        {
            var leaf = directory[(cut + 1)..];
            if (Native.mkdirat(parent, leaf, 0x1ED) != 0)
                throw Unusable(directory);
            // A hidden umask or a set-group-id parent must not decide what the image looks like.
            Native.Check(Native.fchownat(parent, leaf, 0, 0, Native.AT_SYMLINK_NOFOLLOW), "chown", directory);
            Native.Check(Native.fchmodat(parent, leaf, 0x1ED, 0), "chmod", directory);
            _implicitDirectories.Add(directory);
        }
        finally
        {
            Native.close(parent);
        }
    }

    private static InvalidImageException Unusable(string directory)
    {
        var cause = Native.Failure("open directory", directory);
        return new InvalidImageException(
            $"the layer was refused: it has no usable directory \"{ByteString.Display(directory)}\" ({cause.InnerException!.Message})", cause);
    }
}
