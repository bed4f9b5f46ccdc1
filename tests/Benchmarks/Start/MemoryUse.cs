using System.Globalization;

namespace ControlPlane.Benchmarks.Start;

/// <summary>What a process holds in memory, in KiB.</summary>
/// <param name="Resident">Everything mapped and present, shared pages included.</param>
/// <param name="Private">Only its own pages.</param>
internal readonly record struct MemoryUse(long Resident, long Private)
{
    /// <summary>Reads /proc/PID/smaps_rollup.</summary>
    public static MemoryUse Of(int pid)
    {
        long resident = 0, own = 0;
        foreach (var line in File.ReadLines($"/proc/{pid}/smaps_rollup"))
        {
            if (line.StartsWith("Rss:", StringComparison.Ordinal))
                resident = Kilobytes(line);
            else if (line.StartsWith("Private_", StringComparison.Ordinal))
                own += Kilobytes(line);
        }

        return new MemoryUse(resident, own);
    }

    private static long Kilobytes(string line) => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
}
