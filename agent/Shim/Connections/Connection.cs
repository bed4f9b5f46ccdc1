using ControlPlane.Agent.Linux;
using ControlPlane.Agent.Shim.Contract;

namespace ControlPlane.Agent.Shim;

/// <summary>One client and its one request. What the client does not take is held here, within <see cref="OutboxLimit"/>.</summary>
internal sealed class Connection : PollSource
{
    /// <summary>Bytes a client may lag behind a container it is attached to before it is cut off.</summary>
    internal const int OutboxLimit = 1 << 20;

    private const int FirstInbox = 1024;

    private readonly Supervisor _supervisor;
    private readonly FrameWriter _writer = new();
    private byte[] _inbox = [];
    private int _received;
    private byte[] _outbox = [];
    private int _outboxStart;
    private int _outboxEnd;
    private ISession? _session;
    private bool _greeted;
    private bool _requested;
    private bool _blocked;
    private bool _closing;

    internal Connection(int descriptor, Supervisor supervisor)
    {
        Descriptor = descriptor;
        _supervisor = supervisor;
    }

    internal override PollEvents Wanted =>
        (_blocked || _closing ? PollEvents.None : PollEvents.Readable) | (IsCongested ? PollEvents.Writable : PollEvents.None);

    /// <summary>Whether the client has not yet taken all that was sent.</summary>
    internal bool IsCongested => _outboxStart < _outboxEnd;

    /// <summary>Says what the connection is about from now on.</summary>
    internal void Serve(ISession session) => _session = session;

    /// <summary>A writer for one frame to give to <see cref="Send(FrameWriter)"/>.</summary>
    internal FrameWriter Writer()
    {
        _writer.Clear();
        return _writer;
    }

    internal void Send(FrameWriter writer) => Send(writer.Written.Span);

    /// <summary>Sends output; the first bytes of <paramref name="frame"/> are room for the header.</summary>
    internal void SendStream(FrameKind stream, Span<byte> frame)
    {
        FrameWriter.WriteHeader(frame, stream, frame.Length - ShimProtocol.HeaderSize);
        Send(frame);
        if (_outboxEnd - _outboxStart > OutboxLimit) Close();
    }

    internal void Fail(ShimErrorCode code, string message)
    {
        var writer = Writer();
        new ShimFailure(code, message).Write(writer);
        Send(writer);
        Finish();
    }

    internal void Done()
    {
        Send(Writer().Begin(FrameKind.Done).End());
        Finish();
    }

    /// <summary>Closes once everything sent has been taken.</summary>
    internal void Finish()
    {
        _closing = true;
        if (!IsCongested) Close();
    }

    /// <summary>Takes nothing more from the client until <see cref="Resume"/>.</summary>
    internal void Hold() => _blocked = true;

    /// <summary>Lets the client send again.</summary>
    internal void Resume()
    {
        if (!_blocked || Closed) return;
        _blocked = false;
        ParseInbox();
    }

    internal override void OnReady(PollEvents ready)
    {
        if ((ready & PollEvents.Writable) != 0) Flush();
        if (Closed) return;
        if ((ready & PollEvents.Readable) != 0) Receive();
        else if ((ready & (PollEvents.HangUp | PollEvents.Error)) != 0) Close();
    }

    private protected override void OnClosed()
    {
        var session = _session;
        _session = null;
        _inbox = _outbox = [];
        _received = _outboxStart = _outboxEnd = 0;
        session?.OnDisconnected();
    }

    private void Receive()
    {
        if (_inbox.Length - _received < FirstInbox / 2) Array.Resize(ref _inbox, Math.Max(FirstInbox, _inbox.Length * 2));
        var count = FileDescriptor.Read(Descriptor, _inbox.AsSpan(_received));
        if (count == -Errno.EAGAIN) return;
        if (count <= 0)
        {
            Close();
            return;
        }

        _received += count;
        ParseInbox();
    }

    private void ParseInbox()
    {
        var start = 0;
        try
        {
            while (!_blocked && !_closing && !Closed)
            {
                var size = FrameReader.TryFrame(_inbox.AsSpan(start, _received - start), out var kind, out var payload);
                if (size == 0) break;
                start += size;
                Handle(kind, payload);
            }
        }
        catch (ShimProtocolException fault)
        {
            Fail(ShimErrorCode.Invalid, fault.Message);
            return;
        }

        if (Closed) return;
        _inbox.AsSpan(start, _received - start).CopyTo(_inbox);
        _received -= start;
        if (_received == 0 && _inbox.Length > ShimProtocol.MaxStreamPayload * 2) _inbox = [];
    }

    private void Handle(FrameKind kind, ReadOnlySpan<byte> payload)
    {
        if (!_greeted) Greet(kind, payload);
        else if (!_requested) Request(kind, payload);
        else if (_session is { } session) _blocked = !session.OnFrame(kind, payload);
    }

    private void Greet(FrameKind kind, ReadOnlySpan<byte> payload)
    {
        if (kind != FrameKind.Hello) throw new ShimProtocolException("The connection does not begin with Hello.");
        var hello = HelloRequest.Read(new FrameReader(payload));
        if (hello.OldestVersion > ShimProtocol.Version || hello.NewestVersion < ShimProtocol.OldestVersion)
        {
            Fail(ShimErrorCode.Unsupported, "No common version: this shim speaks " + ShimProtocol.OldestVersion + " to " + ShimProtocol.Version + ".");
            return;
        }

        _greeted = true;
        var writer = Writer();
        new HelloReply(Math.Min(hello.NewestVersion, ShimProtocol.Version), _supervisor.Pid, ShimBuild.Version).Write(writer);
        Send(writer);
    }

    private void Request(FrameKind kind, ReadOnlySpan<byte> payload)
    {
        _requested = true;
        try
        {
            _supervisor.Handle(this, kind, payload);
        }
        catch (LinuxException fault)
        {
            Fail(ShimErrorCode.Internal, fault.Message);
        }
    }

    private void Send(ReadOnlySpan<byte> data)
    {
        if (Closed) return;
        var count = IsCongested ? 0 : UnixSocket.Send(Descriptor, data);
        if (count == -Errno.EAGAIN) count = 0;
        if (count < 0)
        {
            Close();
            return;
        }

        if (count == data.Length) return;
        var rest = data[count..];
        if (_outbox.Length - _outboxEnd < rest.Length) MakeRoom(rest.Length);
        rest.CopyTo(_outbox.AsSpan(_outboxEnd));
        _outboxEnd += rest.Length;
    }

    private void MakeRoom(int size)
    {
        var held = _outboxEnd - _outboxStart;
        var target = _outbox.Length >= held + size ? _outbox : new byte[Math.Max(_outbox.Length * 2, held + size)];
        _outbox.AsSpan(_outboxStart, held).CopyTo(target);
        _outbox = target;
        _outboxStart = 0;
        _outboxEnd = held;
    }

    private void Flush()
    {
        var count = UnixSocket.Send(Descriptor, _outbox.AsSpan(_outboxStart, _outboxEnd - _outboxStart));
        if (count == -Errno.EAGAIN) return;
        if (count < 0)
        {
            Close();
            return;
        }

        _outboxStart += count;
        if (IsCongested) return;
        _outbox = [];
        _outboxStart = _outboxEnd = 0;
        if (_closing) Close();
        else _session?.OnDrained();
    }
}
