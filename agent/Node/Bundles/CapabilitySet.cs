using System.Globalization;
using ControlPlane.Agent.Linux;

namespace ControlPlane.Agent.Bundles;

/// <summary>Sets of capabilities. Names are the kernel's, with <c>CAP_</c>; users may leave that out, as in Kubernetes.</summary>
internal static class CapabilitySet
{
    private const string Prefix = "CAP_";
    private const string All = "ALL";

    /// <summary>What a container has when it says nothing: the set Kubernetes runtimes agree on.</summary>
    internal static readonly IReadOnlyList<string> Default =
    [
        "CAP_AUDIT_WRITE", "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_MKNOD", "CAP_NET_BIND_SERVICE",
        "CAP_NET_RAW", "CAP_SETFCAP", "CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT",
    ];

    // In the kernel's order: the index is the capability's number.
    private static readonly string[] Known =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID",
        "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW",
        "CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT",
        "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD",
        "CAP_LEASE", "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG",
        "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
    ];

    /// <summary>Every capability this agent could hand on.</summary>
    internal static IReadOnlyList<string> Available() => Decode(BoundingSet());

    /// <summary>The default set with some dropped and some added, as a container's securityContext asks. <c>ALL</c> may stand in either list.</summary>
    /// <exception cref="ArgumentException">A name is no capability: refused rather than ignored, since it would be a wish unmet.</exception>
    internal static IReadOnlyList<string> Resolve(IReadOnlyList<string> add, IReadOnlyList<string> drop)
    {
        var set = new SortedSet<string>(Default, StringComparer.Ordinal);
        foreach (var name in drop)
        {
            if (IsAll(name)) set.Clear();
            else set.Remove(Normalize(name));
        }

        foreach (var name in add)
        {
            if (IsAll(name)) set.UnionWith(Available());
            else set.Add(Normalize(name));
        }

        // A drop by name outlives "add ALL".
        set.ExceptWith(drop.Where(static name => !IsAll(name)).Select(Normalize));
        return [.. set];
    }

    /// <summary>The names of the bits of a capability mask.</summary>
    internal static IReadOnlyList<string> Decode(ulong mask) => [.. Known.Where((_, number) => (mask & (1UL << number)) != 0)];

    private static bool IsAll(string name) => string.Equals(name, All, StringComparison.OrdinalIgnoreCase);

    private static string Normalize(string name)
    {
        var upper = name.ToUpperInvariant();
        var full = upper.StartsWith(Prefix, StringComparison.Ordinal) ? upper : Prefix + upper;
        return Known.Contains(full) ? full : throw new ArgumentException($"\"{name}\" is no capability of Linux.", nameof(name));
    }

    private static ulong BoundingSet()
    {
        const string Field = "CapBnd:\t";
        var line = SmallFile.ReadText("/proc/self/status").Split('\n').First(static line => line.StartsWith(Field, StringComparison.Ordinal));
        return ulong.Parse(line.AsSpan(Field.Length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }
}
