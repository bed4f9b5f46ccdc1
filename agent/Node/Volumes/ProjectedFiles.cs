using ControlPlane.Agent.Configuration;
using ControlPlane.Agent.Linux;

namespace ControlPlane.Agent.Volumes;

/// <summary>
/// Files of a Secret or ConfigMap in a directory, laid out as Kubernetes does so that programs can watch them:
/// <code>
/// ..2b1f…/key          the content
/// ..data -> ..2b1f…    exchanged by one rename: a reader sees all old or all new files
/// key -> ..data/key
/// </code>
/// </summary>
internal static class ProjectedFiles
{
    private const string Current = "..data";

    /// <summary>Makes the directory hold exactly these files. Equal content changes nothing.</summary>
    public static void Write(string directory, IReadOnlyList<VolumeFile> files, long? group)
    {
        var current = Path.Combine(directory, Current);
        var old = new DirectoryInfo(current).LinkTarget;
        if (old is not null && IsSame(Path.Combine(directory, old), files))
            return;
        var version = ".." + Guid.NewGuid().ToString("N");
        foreach (var file in files)
            WriteFile(Path.Combine(directory, version), file, group);
        Directory.CreateDirectory(Path.Combine(directory, version));

        var next = current + ".new";
        SmallFile.Remove(next);
        File.CreateSymbolicLink(next, version);
        // Not File.Move, which follows the link and then misses a file.
        SmallFile.TryRename(next, current);
        Link(directory, files);
        foreach (var remains in Directory.EnumerateDirectories(directory, "..*").Where(d => Path.GetFileName(d) is var name && name != version && name != Current))
            Directory.Delete(remains, recursive: true);
    }

    private static void WriteFile(string version, VolumeFile file, long? group)
    {
        var path = Path.Combine(version, file.Path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);

        // Created without access for anyone else, so that a Secret is at no moment more open than it will be.
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var stream = new FileStream(path, options))
            stream.Write(file.Content.Span);
        if (group is { } id)
            Ownership.SetGroup(path, (uint)id);
        File.SetUnixFileMode(path, group is null ? file.Mode : file.Mode | UnixFileMode.GroupRead);
    }

    // What users see are links to the top-level names; those of keys that are gone are removed.
    private static void Link(string directory, IReadOnlyList<VolumeFile> files)
    {
        var wanted = files.Select(f => f.Path.Split('/')[0]).ToHashSet(StringComparer.Ordinal);
        foreach (var entry in new DirectoryInfo(directory).EnumerateFileSystemInfos())
        {
            if (!entry.Name.StartsWith("..", StringComparison.Ordinal) && !wanted.Contains(entry.Name))
                entry.Delete();
        }

        foreach (var name in wanted)
        {
            var link = Path.Combine(directory, name);
            if (new FileInfo(link).LinkTarget is null)
                File.CreateSymbolicLink(link, Path.Combine(Current, name));
        }
    }

    private static bool IsSame(string version, IReadOnlyList<VolumeFile> files)
    {
        if (!Directory.Exists(version))
            return false;
        var present = Directory.EnumerateFiles(version, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(version, f)).ToHashSet(StringComparer.Ordinal);
        return present.SetEquals(files.Select(f => f.Path))
            && files.All(f => f.Content.Span.SequenceEqual(File.ReadAllBytes(Path.Combine(version, f.Path))));
    }
}
