using System.Runtime.InteropServices;
using ControlPlane.Agent.Linux.Interop;

namespace ControlPlane.Agent.Linux;

/// <summary>Signals to other processes, and the calling process's own attributes.</summary>
public static class ProcessControl
{
    /// <summary>Sends a signal to a process, or with a negative id to its process group; false when it no longer exists.</summary>
    public static bool TrySignal(int pid, int signal)
    {
        if (pid is 0 or -1) throw new ArgumentOutOfRangeException(nameof(pid), pid, "A signal must name its process.");
        if (Libc.Kill(pid, signal) == 0) return true;
        return Marshal.GetLastPInvokeError() == Errno.ESRCH ? false : throw LinuxException.Last("kill", pid.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>Makes orphaned descendants children of the calling process instead of process 1.</summary>
    public static void BecomeSubreaper()
    {
        if (Libc.Prctl(Libc.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0) throw LinuxException.Last("prctl", "PR_SET_CHILD_SUBREAPER");
    }

    /// <summary>Keeps other users' processes from tracing the caller or reading its memory.</summary>
    public static void ForbidTracing()
    {
        if (Libc.Prctl(Libc.PR_SET_DUMPABLE, 0, 0, 0, 0) < 0) throw LinuxException.Last("prctl", "PR_SET_DUMPABLE");
    }

    /// <summary>
    /// How eagerly the kernel picks the caller when memory runs out, from -1000 (never) to 1000. False when it may not be lowered: that
    /// takes CAP_SYS_RESOURCE, which machines that are containers themselves often lack.
    /// </summary>
    public static bool TrySetOomScoreAdjustment(int value)
    {
        try
        {
            SmallFile.WriteControl("/proc/self/oom_score_adj", value.ToString(System.Globalization.CultureInfo.InvariantCulture));
            return true;
        }
        catch (LinuxException refused) when (refused.Errno is Linux.Errno.EACCES or Linux.Errno.EPERM)
        {
            return false;
        }
    }

    /// <summary>
    /// The oom_score_adj nearest to the one wanted that a child may be given: without CAP_SYS_RESOURCE nothing below the caller's own.
    /// </summary>
    public static int ReachableOomScoreAdjustment(int wanted)
    {
        const string Field = "CapEff:\t";
        const int SysResource = 24;
        var status = SmallFile.ReadText("/proc/self/status");
        var start = status.IndexOf(Field, StringComparison.Ordinal) + Field.Length;
        var effective = ulong.Parse(status.AsSpan(start, 16), System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture);
        if ((effective & (1UL << SysResource)) != 0) return wanted;
        return Math.Max(wanted, int.Parse(SmallFile.ReadText("/proc/self/oom_score_adj"), System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>The calling process's effective user.</summary>
    public static uint EffectiveUserId() => Libc.EffectiveUserId();
}
