using System.Globalization;
using System.Runtime.InteropServices;
using ControlPlane.Agent.Linux;

namespace ControlPlane.Agent.Reporting;

/// <summary>What the machine says about itself.</summary>
internal static class MachineFacts
{
    public static long MemoryBytes() => MemoryField("MemTotal:");

    /// <summary>A field of /proc/meminfo in bytes.</summary>
    public static long MemoryField(string field)
    {
        var line = SmallFile.ReadText("/proc/meminfo").Split('\n').First(l => l.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture) * 1024;
    }

    /// <summary>The lowest oom_score_adj that this process may give to others: without CAP_SYS_RESOURCE only its own.</summary>
    public static int LowestOomScore()
    {
        const int SysResource = 24;
        const string Field = "CapEff:\t";
        var line = SmallFile.ReadText("/proc/self/status").Split('\n').First(l => l.StartsWith(Field, StringComparison.Ordinal));
        var capabilities = ulong.Parse(line.AsSpan(Field.Length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return (capabilities & (1UL << SysResource)) != 0
            ? -1000
            : int.Parse(SmallFile.ReadText("/proc/self/oom_score_adj"), NumberStyles.AllowLeadingSign | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
    }

    public static string KernelVersion() => SmallFile.ReadText("/proc/sys/kernel/osrelease").Trim();

    public static string MachineId() => SmallFile.TryReadText("/etc/machine-id")?.Trim() ?? "";

    public static string OsImage()
    {
        const string Field = "PRETTY_NAME=";
        var line = (SmallFile.TryReadText("/etc/os-release") ?? "").Split('\n').FirstOrDefault(l => l.StartsWith(Field, StringComparison.Ordinal));
        return line?[Field.Length..].Trim('"') ?? "Linux";
    }

    /// <summary>As Go and Kubernetes name it.</summary>
    public static string Architecture() => RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "amd64",
        System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
        var other => other.ToString().ToLowerInvariant(),
    };
}
