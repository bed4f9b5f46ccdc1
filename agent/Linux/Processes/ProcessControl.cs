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

    /// <summary>The calling process's effective user.</summary>
    public static uint EffectiveUserId() => Libc.EffectiveUserId();
}
