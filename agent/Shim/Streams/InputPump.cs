using ControlPlane.Agent.Linux;

namespace ControlPlane.Agent.Shim;

/// <summary>Writes a process's standard input. What the pipe cannot take is held, and its sender is told to stop sending meanwhile.</summary>
internal sealed class InputPump : PollSource
{
    private readonly bool _isTerminal;
    private byte[] _pending = [];
    private int _sent;
    private int _length;
    private bool _ending;

    internal InputPump(int descriptor, bool isTerminal)
    {
        Descriptor = descriptor;
        _isTerminal = isTerminal;
        FileDescriptor.SetNonBlocking(descriptor);
    }

    /// <summary>Called once, when everything held has been written or never will be.</summary>
    internal Action? Drained { get; set; }

    internal bool HasPending => _sent < _length;

    internal override PollEvents Wanted => HasPending ? PollEvents.Writable : PollEvents.None;

    /// <summary>Writes, holding the rest. The caller sends no more until <see cref="Drained"/> when <see cref="HasPending"/>.</summary>
    internal void Write(ReadOnlySpan<byte> data)
    {
        if (Closed || _ending) return;
        var count = HasPending ? 0 : FileDescriptor.Write(Descriptor, data);
        if (count == -Errno.EAGAIN) count = 0;
        if (count < 0)
        {
            // EPIPE or EIO: the process has closed its input or is gone; what is sent to it goes nowhere, as in a shell pipe.
            Close();
            return;
        }

        if (count < data.Length) Hold(data[count..]);
    }

    /// <summary>Ends the input after what is held: closes the pipe, or types the end-of-file character into the terminal.</summary>
    internal void End()
    {
        const byte EndOfTransmission = 4;
        if (Closed || _ending) return;
        if (_isTerminal) Write([EndOfTransmission]);
        _ending = true;
        if (!HasPending && !_isTerminal) Close();
    }

    internal override void OnReady(PollEvents ready)
    {
        if (HasPending && (ready & PollEvents.Writable) != 0)
        {
            var count = FileDescriptor.Write(Descriptor, _pending.AsSpan(_sent, _length - _sent));
            if (count == -Errno.EAGAIN) return;
            if (count >= 0) _sent += count;
            if (count >= 0 && HasPending) return;
            if (count < 0 || (_ending && !_isTerminal)) Close();
            else NotifyDrained();
        }
        else if ((ready & (PollEvents.Error | PollEvents.HangUp)) != 0)
        {
            Close();
        }
    }

    private protected override void OnClosed()
    {
        _sent = _length = 0;
        _pending = [];
        NotifyDrained();
    }

    private void NotifyDrained()
    {
        var drained = Drained;
        Drained = null;
        drained?.Invoke();
    }

    private void Hold(ReadOnlySpan<byte> rest)
    {
        var kept = _length - _sent;
        var buffer = new byte[kept + rest.Length];
        _pending.AsSpan(_sent, kept).CopyTo(buffer);
        rest.CopyTo(buffer.AsSpan(kept));
        _pending = buffer;
        _sent = 0;
        _length = buffer.Length;
    }
}
