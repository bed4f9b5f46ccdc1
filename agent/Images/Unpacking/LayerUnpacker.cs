using System.Runtime.InteropServices;

namespace ControlPlane.Agent.Images.Unpacking;

/// <summary>
/// Unpacks one layer for use as an overlay lower directory. The archive is hostile until proven otherwise: names that
/// leave the layer, device nodes, foreign hard links and bombs end the work with <see cref="InvalidImageException"/>.
/// </summary>
internal sealed class LayerUnpacker(LayerTree tree, UnpackLimits limits, long compressedSize)
{
    private const string WhiteoutPrefix = ".wh.";
    private const string OpaqueMarker = ".wh..wh..opq";
    private const string ReservedPrefix = ".wh..wh.";
    private const string OpaqueAttribute = "trusted.overlay.opaque";

    private readonly long _allowedBytes = limits.AllowedBytes(compressedSize);
    private readonly List<KeyValuePair<string, Timespec>> _directoryTimes = [];
    private long _entries;
    private long _bytes;

    /// <summary>Bytes of file data written.</summary>
    public long Bytes => _bytes;

    public void Unpack(TarReader archive, CancellationToken cancellation)
    {
        while (archive.Next() is { } entry)
        {
            cancellation.ThrowIfCancellationRequested();
            if (++_entries > limits.MaxEntries)
                throw new InvalidImageException($"the layer was refused: it has more than {limits.MaxEntries} entries");
            if (_bytes + entry.Size > _allowedBytes)
                throw new InvalidImageException(
                    $"the layer was refused: {compressedSize} bytes unpack to more than {_allowedBytes}, as a compression bomb would");
            _bytes += entry.Size;
            Place(entry, archive, cancellation);
        }

        // Creating children changes a directory's time, so these come last, children before parents.
        for (var i = _directoryTimes.Count - 1; i >= 0; i--)
            RestoreTime(_directoryTimes[i].Key, _directoryTimes[i].Value);
    }

    private void Place(TarEntry entry, TarReader archive, CancellationToken cancellation)
    {
        var path = LayerPath.Parse(entry.Name);
        if (path.Leaf.StartsWith(WhiteoutPrefix, StringComparison.Ordinal))
        {
            Whiteout(path);
            return;
        }

        switch (entry.Kind)
        {
            case TarEntryKind.Directory:
                PlaceDirectory(path, entry);
                break;
            case var _ when path.IsRoot:
                throw Refused(entry, "replaces the root directory");
            case TarEntryKind.File:
                PlaceFile(path, entry, archive, cancellation);
                break;
            case TarEntryKind.SymbolicLink:
                PlaceSymbolicLink(path, entry);
                break;
            case TarEntryKind.HardLink:
                PlaceHardLink(path, entry);
                break;
            case TarEntryKind.Fifo:
                PlaceFifo(path, entry);
                break;
            default:
                throw Refused(entry, "is a device node");
        }
    }

    private void PlaceDirectory(LayerPath path, TarEntry entry)
    {
        var parent = tree.Directory(path.Directory);
        var leaf = path.IsRoot ? "." : path.Leaf;
        var existing = path.IsRoot ? null : Native.Stat(parent, leaf);
        if (existing is { IsDirectory: false })
            Remove(parent, path);
        if (!path.IsRoot && existing is not { IsDirectory: true })
            Native.Check(Native.mkdirat(parent, leaf, 0x1C0), "mkdir", path.Full);

        Native.Check(Native.fchownat(parent, leaf, entry.User, entry.Group, Native.AT_SYMLINK_NOFOLLOW), "chown", path.Full);
        Native.Check(Native.fchmodat(parent, leaf, entry.Mode, 0), "chmod", path.Full);
        SetAttributes(parent, leaf, entry);
        // A whiteout that is replaced by a directory hides what lower layers had in it.
        if (existing is { IsCharacterDevice: true })
            SetAttribute(parent, leaf, OpaqueAttribute, "y"u8);
        tree.Described(path.Full);
        _directoryTimes.Add(new(path.Full, entry.Modified));
    }

    private unsafe void PlaceFile(LayerPath path, TarEntry entry, TarReader archive, CancellationToken cancellation)
    {
        var parent = tree.Directory(path.Directory);
        const int flags = Native.O_WRONLY | Native.O_CREAT | Native.O_EXCL | Native.O_NOFOLLOW | Native.O_CLOEXEC;
        var file = Native.openat(parent, path.Leaf, flags, 0x180);
        if (file < 0 && Marshal.GetLastPInvokeError() == Native.EEXIST)
        {
            parent = Remove(parent, path);
            file = Native.openat(parent, path.Leaf, flags, 0x180);
        }

        Native.Check(file, "create", path.Full);
        try
        {
            for (var data = archive.ReadData(); !data.IsEmpty; data = archive.ReadData())
            {
                cancellation.ThrowIfCancellationRequested();
                Write(file, data, path);
            }

            // Owner first: changing it clears set-user-id bits and file capabilities.
            Native.Check(Native.fchown(file, entry.User, entry.Group), "chown", path.Full);
            Native.Check(Native.fchmod(file, entry.Mode), "chmod", path.Full);
            foreach (var (name, value) in AllowedAttributes(entry))
                fixed (byte* bytes = value)
                    CheckAttribute(Native.fsetxattr(file, name, bytes, value.Length, 0), name, path.Full);
            var times = stackalloc[] { entry.Modified, entry.Modified };
            Native.Check(Native.futimens(file, times), "utimens", path.Full);
        }
        finally
        {
            Native.close(file);
        }
    }

    private static unsafe void Write(int file, ReadOnlySpan<byte> data, LayerPath path)
    {
        fixed (byte* start = data)
        {
            for (nint written = 0; written < data.Length;)
            {
                var count = Native.write(file, start + written, data.Length - written);
                Native.Check((int)count, "write", path.Full);
                written += count;
            }
        }
    }

    private void PlaceSymbolicLink(LayerPath path, TarEntry entry)
    {
        if (entry.LinkTarget.Length == 0 || entry.LinkTarget.Contains('\0'))
            throw Refused(entry, "is a link to nothing");
        var parent = Vacate(path);
        // Where a name leads may change with a new link; handles are resolved again.
        Native.Check(Native.symlinkat(entry.LinkTarget, parent, path.Leaf), "symlink", path.Full);
        OwnAndDate(parent, path, entry);
        tree.Forget();
    }

    private void PlaceHardLink(LayerPath path, TarEntry entry)
    {
        var target = LayerPath.Parse(entry.LinkTarget);
        if (target.IsRoot || target.Leaf.StartsWith(WhiteoutPrefix, StringComparison.Ordinal) || target == path)
            throw Refused(entry, "is a hard link to no file");
        var parent = Vacate(path);
        var from = tree.TryOpen(target.Directory);
        if (from < 0)
            throw Refused(entry, "is a hard link to a file that is not in this layer");
        try
        {
            if (Native.Stat(from, target.Leaf) is not { IsDirectory: false, IsCharacterDevice: false })
                throw Refused(entry, "is a hard link to a file that is not in this layer");
            Native.Check(Native.linkat(from, target.Leaf, parent, path.Leaf, 0), "link", path.Full);
        }
        finally
        {
            Native.close(from);
        }
    }

    private void PlaceFifo(LayerPath path, TarEntry entry)
    {
        var parent = Vacate(path);
        Native.Check(Native.mknodat(parent, path.Leaf, Native.S_IFIFO | 0x180, 0), "mkfifo", path.Full);
        OwnAndDate(parent, path, entry);
        Native.Check(Native.fchmodat(parent, path.Leaf, entry.Mode, 0), "chmod", path.Full);
    }

    /// <summary>Deletions from lower layers, in overlayfs' own words.</summary>
    private void Whiteout(LayerPath path)
    {
        var parent = tree.Directory(path.Directory);
        if (path.Leaf == OpaqueMarker)
        {
            SetAttribute(parent, ".", OpaqueAttribute, "y"u8);
            return;
        }

        if (path.Leaf.StartsWith(ReservedPrefix, StringComparison.Ordinal))
            return;
        var hidden = path.Leaf[WhiteoutPrefix.Length..];
        if (hidden is "" or "." or "..")
            throw new InvalidImageException($"the layer was refused: \"{ByteString.Display(path.Full)}\" hides no file");
        // A whiteout speaks of lower layers only: what this layer itself has at that name stays.
        switch (Native.Stat(parent, hidden))
        {
            case null:
                Native.Check(Native.mknodat(parent, hidden, Native.S_IFCHR, 0), "mknod", path.Full);
                break;
            case { IsDirectory: true }:
                SetAttribute(parent, hidden, OpaqueAttribute, "y"u8);
                break;
        }
    }

    private int Vacate(LayerPath path)
    {
        var parent = tree.Directory(path.Directory);
        return Native.Stat(parent, path.Leaf) is null ? parent : Remove(parent, path);
    }

    // Of two entries with one name the later wins.
    private int Remove(int parent, LayerPath path)
    {
        TreeRemoval.Remove(parent, path.Leaf);
        tree.Forget();
        return tree.Directory(path.Directory);
    }

    private static unsafe void OwnAndDate(int parent, LayerPath path, TarEntry entry)
    {
        Native.Check(
            Native.fchownat(parent, path.Leaf, entry.User, entry.Group, Native.AT_SYMLINK_NOFOLLOW), "chown", path.Full);
        var times = stackalloc[] { entry.Modified, entry.Modified };
        Native.Check(Native.utimensat(parent, path.Leaf, times, Native.AT_SYMLINK_NOFOLLOW), "utimens", path.Full);
    }

    private unsafe void RestoreTime(string directory, Timespec time)
    {
        // Gone or replaced by a link since: then it has no time of its own to restore.
        var handle = tree.TryOpen(directory);
        if (handle < 0)
            return;
        try
        {
            var times = stackalloc[] { time, time };
            Native.Check(Native.utimensat(handle, ".", times, Native.AT_SYMLINK_NOFOLLOW), "utimens", directory);
        }
        finally
        {
            Native.close(handle);
        }
    }

    private static void SetAttributes(int parent, string leaf, TarEntry entry)
    {
        foreach (var (name, value) in AllowedAttributes(entry))
            SetAttribute(parent, leaf, name, value);
    }

    private static unsafe void SetAttribute(int parent, string leaf, string name, ReadOnlySpan<byte> value)
    {
        // A path handle takes no attributes itself; its /proc link names it without another lookup.
        var path = leaf == "." ? $"/proc/self/fd/{parent}/." : $"/proc/self/fd/{parent}/{leaf}";
        fixed (byte* bytes = value)
            CheckAttribute(Native.lsetxattr(path, name, bytes, value.Length, 0), name, leaf);
    }

    private static void CheckAttribute(int result, string name, string path)
    {
        // A file system without user attributes still holds a usable image; one without overlay marks or capabilities does not.
        if (result < 0 && !(Marshal.GetLastPInvokeError() == Native.EOPNOTSUPP && name.StartsWith("user.", StringComparison.Ordinal)))
            throw Native.Failure($"set {name} on", path);
    }

    // Others are the machine's own: trusted.overlay.* from an archive would steer the overlay, selinux labels are host policy.
    private static IEnumerable<KeyValuePair<string, byte[]>> AllowedAttributes(TarEntry entry) =>
        entry.Attributes?.Where(a => a.Key == "security.capability"
            || (a.Key.StartsWith("user.", StringComparison.Ordinal) && !a.Key.StartsWith("user.overlay.", StringComparison.Ordinal)))
        ?? [];

    private static InvalidImageException Refused(TarEntry entry, string why) =>
        new($"the layer was refused: \"{ByteString.Display(entry.Name)}\" {why}");
}
