using System.Globalization;
using System.Runtime.InteropServices;

namespace ControlPlane.Benchmarks.Reports;

/// <summary>What the figures were measured on.</summary>
internal static class Machine
{
    public static IReadOnlyDictionary<string, string> Describe() => new Dictionary<string, string>
    {
        ["date"] = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        ["processor"] = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} x {FirstValue("/proc/cpuinfo", "model name")}"),
        ["memory"] = FirstValue("/proc/meminfo", "MemTotal"),
        ["kernel"] = File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
        ["runtime"] = RuntimeInformation.FrameworkDescription,
        ["load"] = File.ReadAllText("/proc/loadavg").Split(' ')[0],
    };

    private static string FirstValue(string file, string key) =>
        File.ReadLines(file).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown";
}
