using System.Globalization;
using ControlPlane.Agent.Linux.Interop;

namespace ControlPlane.Agent.Linux;

/// <summary>
/// A cgroup that groups others, such as a pod's above its containers'. Paths are absolute within the hierarchy, the same on every
/// controller of version 1 and on version 2. The OCI runtime makes and removes the containers' own.
/// </summary>
public abstract class Cgroup
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(5);

    private protected Cgroup(string path)
    {
        if (path.Length < 2 || path[0] != '/' || path.Contains("..", StringComparison.Ordinal))
            throw new ArgumentException("A cgroup's path is absolute and below the root.", nameof(path));
        Path = path.TrimEnd('/');
    }

    /// <summary>The path below the hierarchy's root.</summary>
    public string Path { get; }

    /// <summary>The cgroup of a path, by the version this machine uses.</summary>
    public static Cgroup At(string path) => CgroupMounts.IsUnified ? new CgroupV2(path) : new CgroupV1(path);

    /// <summary>Makes it and its parents where they are missing, and sets limits.</summary>
    public abstract void Create(CgroupLimits limits);

    /// <summary>Changes limits.</summary>
    public abstract void Apply(CgroupLimits limits);

    /// <summary>Reads what it uses, or null when it does not exist.</summary>
    public abstract CgroupUsage? ReadUsage();

    /// <summary>Kills every process in it and below.</summary>
    public void Kill() => CgroupProcesses.Signal(Path, Signal.Kill);

    /// <summary>
    /// Kills what runs in it and removes it and everything below, on every hierarchy. A killed process holds its cgroup until it is
    /// reaped, so this retries until the token ends it.
    /// </summary>
    public async Task RemoveAsync(CancellationToken cancellationToken)
    {
        while (!TryRemove())
        {
            Kill();
            await Task.Delay(RetryInterval, cancellationToken);
        }
    }

    /// <summary>Removes it and everything below; false when processes are in the way.</summary>
    public bool TryRemove()
    {
        var removed = true;
        foreach (var root in Roots()) removed &= TryRemoveTree(root + Path);
        return removed;
    }

    /// <summary>Every place where the path may exist, controllers we never touch included: the OCI runtime makes it in all of them.</summary>
    private protected abstract IEnumerable<string> Roots();

    private protected static void Set(string directory, string file, long value) =>
        SmallFile.WriteControl(directory + "/" + file, value.ToString(CultureInfo.InvariantCulture));

    private protected static long Number(string file) =>
        SmallFile.TryReadText(file) is { } text && long.TryParse(text, NumberStyles.AllowTrailingWhite | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : 0;

    /// <summary>The value behind a name in a flat keyed file such as memory.stat, or 0.</summary>
    private protected static long Field(string? flatKeyed, string name)
    {
        foreach (var line in (flatKeyed ?? "").Split('\n'))
        {
            if (line.Length > name.Length && line[name.Length] == ' ' && line.StartsWith(name, StringComparison.Ordinal))
                return long.Parse(line.AsSpan(name.Length + 1), CultureInfo.InvariantCulture);
        }

        return 0;
    }

    private static bool TryRemoveTree(string directory)
    {
        if (!Directory.Exists(directory)) return true;
        var removed = true;
        foreach (var child in Directory.GetDirectories(directory)) removed &= TryRemoveTree(child);
        if (!removed) return false;
        if (Libc.RemoveDirectory(directory) == 0) return true;
        var error = LinuxException.Last("rmdir", directory);
        return error.Errno switch
        {
            Errno.ENOENT => true,
            Errno.EBUSY or Errno.ENOTEMPTY => false,
            _ => throw error,
        };
    }
}
