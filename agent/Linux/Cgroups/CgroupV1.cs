namespace ControlPlane.Agent.Linux;

/// <summary>A cgroup on the version 1 hierarchies, one per controller.</summary>
internal sealed class CgroupV1(string path) : Cgroup(path)
{
    // cpuset only on demand: an empty one admits no process until its CPUs and memory nodes are set.
    private static readonly string[] Controllers = ["cpu", "cpuacct", "memory", "pids", "devices", "freezer"];

    public override void Create(CgroupLimits limits)
    {
        foreach (var controller in Controllers) Directory.CreateDirectory(In(controller));
        Apply(limits);
    }

    public override void Apply(CgroupLimits limits)
    {
        if (limits.CpuShares is { } shares) Set(In("cpu"), "cpu.shares", Math.Clamp(shares, 2, 262_144));
        if (limits.CpuQuotaMicroseconds is { } quota)
        {
            Set(In("cpu"), "cpu.cfs_period_us", limits.CpuPeriodMicroseconds);
            Set(In("cpu"), "cpu.cfs_quota_us", quota);
        }

        if (limits.MemoryBytes is { } memory) Set(In("memory"), "memory.limit_in_bytes", memory);
        if (limits.Pids is { } pids) SmallFile.WriteControl(In("pids") + "/pids.max", pids < 0 ? "max" : pids.ToString(System.Globalization.CultureInfo.InvariantCulture));
        if (limits.Cpus is { } cpus) SetCpus(cpus);
    }

    public override CgroupUsage? ReadUsage()
    {
        if (!Directory.Exists(In("memory"))) return null;
        var stat = SmallFile.TryReadText(In("memory") + "/memory.stat");
        var memory = Number(In("memory") + "/memory.usage_in_bytes");
        return new CgroupUsage
        {
            CpuNanoseconds = Number(In("cpuacct") + "/cpuacct.usage"),
            MemoryBytes = memory,
            WorkingSetBytes = Math.Max(0, memory - Field(stat, "total_inactive_file")),
            RssBytes = Field(stat, "total_rss"),
            Pids = Number(In("pids") + "/pids.current"),
        };
    }

    private protected override IEnumerable<string> Roots() => Directory.GetDirectories(CgroupMounts.Version2);

    private string In(string controller) => CgroupMounts.Version1(controller) + Path;

    /// <summary>Every cpuset on the way down must have CPUs and memory nodes before its children can.</summary>
    private void SetCpus(string cpus)
    {
        var directory = CgroupMounts.Version1("cpuset");
        foreach (var name in Path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var parent = directory;
            directory += "/" + name;
            Directory.CreateDirectory(directory);
            Inherit(parent, directory, "cpuset.mems");
            Inherit(parent, directory, "cpuset.cpus");
        }

        SmallFile.WriteControl(directory + "/cpuset.cpus", cpus);
    }

    private static void Inherit(string parent, string directory, string file)
    {
        if (SmallFile.ReadText(directory + "/" + file).Trim().Length == 0)
            SmallFile.WriteControl(directory + "/" + file, SmallFile.ReadText(parent + "/" + file).Trim());
    }
}
