using System.Globalization;
using System.Runtime.InteropServices;
using ControlPlane.Agent.Linux.Interop;
using Microsoft.Win32.SafeHandles;

namespace ControlPlane.Agent.Linux;

/// <summary>A hold on one process: signals through it reach that process or nobody, however often its id is used again.</summary>
public sealed class PidFd : SafeHandleZeroOrMinusOneIsInvalid
{
    private PidFd(nint descriptor)
        : base(ownsHandle: true) => SetHandle(descriptor);

    /// <summary>Takes hold of a process, or returns null when it does not exist.</summary>
    public static PidFd? TryOpen(int pid)
    {
        var descriptor = Libc.SystemCall(Libc.SYS_pidfd_open, pid, 0, 0, 0);
        if (descriptor >= 0) return new PidFd(descriptor);
        return Marshal.GetLastPInvokeError() == Errno.ESRCH ? null : throw LinuxException.Last("pidfd_open", pid.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Sends a signal; false when the process has ended.</summary>
    public bool TrySignal(int signal)
    {
        if (Libc.SystemCall(Libc.SYS_pidfd_send_signal, handle, signal, 0, 0) == 0) return true;
        return Marshal.GetLastPInvokeError() == Errno.ESRCH ? false : throw LinuxException.Last("pidfd_send_signal");
    }

    /// <summary>Whether the process has ended (a zombie has).</summary>
    public bool HasEnded()
    {
        Span<PollEntry> entries = [new PollEntry { Descriptor = (int)handle, Wanted = PollEvents.Readable }];
        return Poller.Wait(entries, 0) > 0;
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        FileDescriptor.Close((int)handle);
        return true;
    }
}
