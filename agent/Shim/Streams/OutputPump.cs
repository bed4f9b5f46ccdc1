using ControlPlane.Agent.Linux;
using ControlPlane.Agent.Shim.Contract;

namespace ControlPlane.Agent.Shim;

/// <summary>Reads one output stream of a process. Paused, it leaves data in the pipe, and a process that writes more waits.</summary>
internal sealed class OutputPump : PollSource
{
    // One buffer for every stream of the pod: a piece of output is gone before the next is read.
    private static readonly byte[] Buffer = new byte[ShimProtocol.HeaderSize + ShimProtocol.MaxStreamPayload];

    private readonly FrameKind _stream;
    private readonly IOutputSink _sink;

    internal OutputPump(int descriptor, FrameKind stream, IOutputSink sink)
    {
        Descriptor = descriptor;
        _stream = stream;
        _sink = sink;
        FileDescriptor.SetNonBlocking(descriptor);
    }

    internal bool Paused { get; set; }

    // A paused pipe whose writer has gone would report its hang-up at every turn.
    internal override int Polled => Paused ? -1 : Descriptor;

    internal override void OnReady(PollEvents ready) => _ = PumpOnce();

    /// <summary>Takes what is in the pipe now, unless paused on the way.</summary>
    internal void PumpAvailable()
    {
        while (!Closed && !Paused && PumpOnce())
        {
        }
    }

    private bool PumpOnce()
    {
        var count = FileDescriptor.Read(Descriptor, Buffer.AsSpan(ShimProtocol.HeaderSize));
        if (count > 0)
        {
            _sink.OnOutput(_stream, Buffer.AsSpan(0, ShimProtocol.HeaderSize + count));
            return true;
        }

        if (count == -Errno.EAGAIN) return false;

        // The end; a terminal says it by EIO when the last process has let go of it.
        Close();
        if (count < 0 && count != -Errno.EIO) ShimLog.Write("read of output: " + Errno.Name(-count));
        return false;
    }

    private protected override void OnClosed() => _sink.OnOutputEnded();
}
