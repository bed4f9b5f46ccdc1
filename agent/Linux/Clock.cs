using ControlPlane.Agent.Linux.Interop;

namespace ControlPlane.Agent.Linux;

/// <summary>The kernel's clocks, in nanoseconds.</summary>
public static unsafe class Clock
{
    /// <summary>Nanoseconds since 1970 UTC.</summary>
    public static long UnixNanoseconds() => Read(0);

    /// <summary>Nanoseconds that never step, for deadlines.</summary>
    public static long MonotonicNanoseconds() => Read(1);

    private static long Read(int clock)
    {
        Libc.TimeSpec time;
        if (Libc.ClockGetTime(clock, &time) < 0) throw LinuxException.Last("clock_gettime");
        return (time.Seconds * 1_000_000_000) + time.Nanoseconds;
    }
}
