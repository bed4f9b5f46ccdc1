using ControlPlane.Agent.Linux.Interop;

namespace ControlPlane.Agent.Linux;

/// <summary>
/// Signals as a readable descriptor (signalfd). They must be blocked in every thread of the process, or a thread that does not block
/// them swallows them; see <see cref="BlockedInThisThread"/>.
/// </summary>
public static unsafe class SignalDescriptor
{
    private const int SFD_NONBLOCK = 0x800;
    private const int SFD_CLOEXEC = 0x80000;
    private const int RecordSize = 128;

    /// <summary>Signals the calling thread blocks; at the start of Main, those every runtime thread inherited.</summary>
    public static SignalSet BlockedInThisThread()
    {
        ulong* set = stackalloc ulong[Libc.SignalSetSize / sizeof(ulong)];
        _ = Libc.ThreadSignalMask(Libc.SIG_BLOCK, null, set);
        return new SignalSet(*set);
    }

    /// <summary>Blocks signals in the calling thread.</summary>
    public static void Block(SignalSet signals)
    {
        ulong* set = stackalloc ulong[Libc.SignalSetSize / sizeof(ulong)];
        new Span<ulong>(set, Libc.SignalSetSize / sizeof(ulong)).Clear();
        *set = signals.Bits;
        var error = Libc.ThreadSignalMask(Libc.SIG_BLOCK, set, null);
        if (error != 0) throw new LinuxException("pthread_sigmask", null, error);
    }

    /// <summary>Opens a non-blocking descriptor that delivers the given signals.</summary>
    public static int Open(SignalSet signals)
    {
        ulong* set = stackalloc ulong[Libc.SignalSetSize / sizeof(ulong)];
        new Span<ulong>(set, Libc.SignalSetSize / sizeof(ulong)).Clear();
        *set = signals.Bits;
        var fd = Libc.SignalFd(-1, set, SFD_NONBLOCK | SFD_CLOEXEC);
        return fd >= 0 ? fd : throw LinuxException.Last("signalfd");
    }

    /// <summary>Takes one signal off the descriptor; 0 when there is none.</summary>
    public static int Take(int fd)
    {
        Span<byte> record = stackalloc byte[RecordSize];
        var count = FileDescriptor.Read(fd, record);
        if (count == -Errno.EAGAIN) return 0;
        return count == RecordSize ? BitConverter.ToInt32(record) : throw new LinuxException("read", "signalfd", -count);
    }
}
