using System.Globalization;
using ControlPlane.Agent.Linux;
using ControlPlane.Api.Core.V1;

namespace ControlPlane.Agent.Reporting;

/// <summary>What the machine runs short of, with a kubelet's thresholds.</summary>
/// <param name="AvailableMemoryBytes">Memory that programs could still get.</param>
/// <param name="Disk">The file system of the agent's state.</param>
/// <param name="Processes">Processes and threads there are.</param>
/// <param name="ProcessLimit">How many there can be.</param>
internal sealed record NodePressure(long AvailableMemoryBytes, FileSystemUsage Disk, long Processes, long ProcessLimit)
{
    private const long LeastMemory = 100L << 20;
    private const int LeastDiskPercent = 10;
    private const int LeastInodesPercent = 5;
    private const int LeastProcessesPercent = 5;

    public static NodePressure Read(string directory)
    {
        // "0.1 0.2 0.3 running/all last-pid"
        var all = SmallFile.ReadText("/proc/loadavg").Split(' ')[3].Split('/')[1];
        return new NodePressure(
            MachineFacts.MemoryField("MemAvailable:"),
            FileSystemUsage.Of(directory),
            long.Parse(all, CultureInfo.InvariantCulture),
            long.Parse(SmallFile.ReadText("/proc/sys/kernel/pid_max").Trim(), CultureInfo.InvariantCulture));
    }

    /// <summary>The three pressure conditions, without times.</summary>
    public IEnumerable<NodeCondition> Conditions()
    {
        var disk = Disk.AvailableBytes < Disk.TotalBytes / 100 * LeastDiskPercent
            || (Disk.TotalInodes > 0 && Disk.FreeInodes < Disk.TotalInodes / 100 * LeastInodesPercent);
        var processes = ProcessLimit - Processes < ProcessLimit / 100 * LeastProcessesPercent;
        yield return AvailableMemoryBytes < LeastMemory
            ? Under("MemoryPressure", "KubeletHasInsufficientMemory", $"{AvailableMemoryBytes >> 20} MiB of memory are left")
            : Free("MemoryPressure", "KubeletHasSufficientMemory", "there is memory left");
        yield return disk
            ? Under("DiskPressure", "KubeletHasDiskPressure", $"{Disk.AvailableBytes >> 20} MiB and {Disk.FreeInodes} files are left on the disk")
            : Free("DiskPressure", "KubeletHasNoDiskPressure", "there is disk left");
        yield return processes
            ? Under("PIDPressure", "KubeletHasInsufficientPID", $"{ProcessLimit - Processes} process ids are left")
            : Free("PIDPressure", "KubeletHasSufficientPID", "there are process ids left");
    }

    private static NodeCondition Under(string type, string reason, string message) => new() { Type = type, Status = "True", Reason = reason, Message = message };

    private static NodeCondition Free(string type, string reason, string message) => new() { Type = type, Status = "False", Reason = reason, Message = message };
}
