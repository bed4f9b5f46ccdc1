using System.Globalization;
using ControlPlane.Agent.Linux;

namespace ControlPlane.Agent.Shim;

/// <summary>What the kernel's cgroup files say about a container, on version 1 and 2.</summary>
internal static class ContainerCgroup
{
    /// <summary>Processes killed for want of memory, or 0 where that is not counted.</summary>
    internal static long OomKills(string cgroupPath)
    {
        if (cgroupPath.Length == 0) return 0;
        var counters = SmallFile.TryReadText(CgroupMounts.Version2 + cgroupPath + "/memory.events")
            ?? SmallFile.TryReadText(CgroupMounts.Version1("memory") + cgroupPath + "/memory.oom_control");
        if (counters is null) return 0;
        foreach (var line in counters.Split('\n'))
        {
            const string Name = "oom_kill ";
            if (line.StartsWith(Name, StringComparison.Ordinal)) return long.Parse(line.AsSpan(Name.Length), CultureInfo.InvariantCulture);
        }

        return 0;
    }
}
