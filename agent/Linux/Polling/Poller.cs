using System.Runtime.InteropServices;
using ControlPlane.Agent.Linux.Interop;

namespace ControlPlane.Agent.Linux;

/// <summary>poll(2).</summary>
public static unsafe class Poller
{
    /// <summary>Waits until a descriptor is ready or the time is over (-1: no limit). Returns how many are ready.</summary>
    public static int Wait(Span<PollEntry> entries, int timeoutMilliseconds)
    {
        fixed (PollEntry* first = entries)
        {
            var count = Libc.Poll(first, (nuint)entries.Length, timeoutMilliseconds);
            if (count >= 0) return count;
            return Marshal.GetLastPInvokeError() == Errno.EINTR ? 0 : throw LinuxException.Last("poll");
        }
    }
}
