using System.Globalization;

namespace ControlPlane.Agent.Linux;

/// <summary>A cgroup on the unified hierarchy.</summary>
internal sealed class CgroupV2(string path) : Cgroup(path)
{
    private static readonly string[] Controllers = ["cpu", "cpuset", "memory", "pids", "io"];

    private string Here => CgroupMounts.Version2 + Path;

    public override void Create(CgroupLimits limits)
    {
        Directory.CreateDirectory(Here);

        // A controller works in a cgroup only when every one above hands it down; one the kernel lacks is missing from the list.
        var directory = CgroupMounts.Version2;
        foreach (var name in Path.Split('/', StringSplitOptions.RemoveEmptyEntries).Append(null))
        {
            HandDown(directory);
            directory += "/" + name;
        }

        Apply(limits);
    }

    public override void Apply(CgroupLimits limits)
    {
        if (limits.CpuShares is { } shares) Set(Here, "cpu.weight", Weight(shares));
        if (limits.CpuQuotaMicroseconds is { } quota)
            SmallFile.WriteControl(Here + "/cpu.max", string.Create(CultureInfo.InvariantCulture, $"{Limit(quota)} {limits.CpuPeriodMicroseconds}"));
        if (limits.MemoryBytes is { } memory) SmallFile.WriteControl(Here + "/memory.max", Limit(memory));
        if (limits.Pids is { } pids) SmallFile.WriteControl(Here + "/pids.max", Limit(pids));
        if (limits.Cpus is { } cpus) SmallFile.WriteControl(Here + "/cpuset.cpus", cpus);
    }

    public override CgroupUsage? ReadUsage()
    {
        if (!Directory.Exists(Here)) return null;
        const int NanosecondsPerMicrosecond = 1000;
        var stat = SmallFile.TryReadText(Here + "/memory.stat");
        var memory = Number(Here + "/memory.current");
        return new CgroupUsage
        {
            CpuNanoseconds = Field(SmallFile.TryReadText(Here + "/cpu.stat"), "usage_usec") * NanosecondsPerMicrosecond,
            MemoryBytes = memory,
            WorkingSetBytes = Math.Max(0, memory - Field(stat, "inactive_file")),
            RssBytes = Field(stat, "anon"),
            Pids = Number(Here + "/pids.current"),
        };
    }

    /// <summary>Shares of version 1 (2 to 262144) on version 2's scale (1 to 10000), as the OCI runtimes convert them.</summary>
    internal static long Weight(long shares) => 1 + (((Math.Clamp(shares, 2, 262_144) - 2) * 9999) / 262_142);

    private protected override IEnumerable<string> Roots() => [CgroupMounts.Version2];

    private static string Limit(long value) => value < 0 ? "max" : value.ToString(CultureInfo.InvariantCulture);

    private static void HandDown(string directory)
    {
        var available = SmallFile.ReadText(directory + "/cgroup.controllers").Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        var wanted = Controllers.Intersect(available).Select(static controller => "+" + controller);
        SmallFile.WriteControl(directory + "/cgroup.subtree_control", string.Join(' ', wanted));
    }
}
