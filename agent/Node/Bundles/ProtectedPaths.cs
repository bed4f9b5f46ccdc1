namespace ControlPlane.Agent.Bundles;

/// <summary>Parts of /proc and /sys that belong to the machine, not to a container.</summary>
internal static class ProtectedPaths
{
    /// <summary>Hidden: they tell of the machine's hardware, keys and timing, or reach its memory.</summary>
    internal static readonly IReadOnlyList<string> Masked =
    [
        "/proc/acpi",
        "/proc/asound",
        "/proc/interrupts",
        "/proc/kcore",
        "/proc/keys",
        "/proc/latency_stats",
        "/proc/sched_debug",
        "/proc/scsi",
        "/proc/timer_list",
        "/proc/timer_stats",
        "/sys/devices/virtual/powercap",
        "/sys/firmware",
    ];

    /// <summary>Readable only: writing them changes the machine.</summary>
    internal static readonly IReadOnlyList<string> ReadOnly =
    [
        "/proc/bus",
        "/proc/fs",
        "/proc/irq",
        "/proc/sys",
        "/proc/sysrq-trigger",
    ];
}
