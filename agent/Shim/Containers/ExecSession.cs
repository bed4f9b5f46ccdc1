using ControlPlane.Agent.Linux;
using ControlPlane.Agent.Shim.Contract;

namespace ControlPlane.Agent.Shim;

/// <summary>
/// A process started in a running container for one client. It lives as long as the client's connection: when that ends first, the
/// process and its group are killed, so that no session leaves anything behind.
/// </summary>
internal sealed class ExecSession : PollSource, IOutputSink, ISession
{
    private readonly Connection _connection;
    private readonly ExecRequest _request;
    private readonly ProcessStdio _stdio;
    private readonly ExecFiles _files;
    private readonly RuntimeCommands _commands;
    private WaitStatus? _ended;
    private bool _disconnected;

    internal ExecSession(Connection connection, ExecRequest request, string bundle, ProcessStdio stdio, RuntimeCommands commands)
    {
        _connection = connection;
        _request = request;
        _stdio = stdio;
        _files = new ExecFiles(bundle);
        _commands = commands;
    }

    internal int Pid { get; private set; }

    internal bool IsRunning => Pid > 0 && _ended is null;

    /// <summary>Runs the runtime. What the client sends before the process is there waits in its connection.</summary>
    internal void Start()
    {
        _connection.Hold();
        _commands.Exec(_request, _files, _stdio, OnRuntimeDone);
    }

    public bool OnFrame(FrameKind kind, ReadOnlySpan<byte> payload)
    {
        switch (kind)
        {
            case FrameKind.Stdin: return SessionInput.Write(_connection, _stdio.Input, payload);
            case FrameKind.StdinEnd:
                _stdio.Input?.End();
                return true;
            case FrameKind.Resize:
                var size = ResizeRequest.Read(new FrameReader(payload));
                _stdio.Resize(size.Columns, size.Rows);
                return true;
            default: throw new ShimProtocolException("An exec session's client sent a frame of kind " + (int)kind + ".");
        }
    }

    public void OnDrained()
    {
        Pause(false);
        if (_ended is { } status) DrainOrWait(status);
    }

    public void OnDisconnected()
    {
        _disconnected = true;
        if (IsRunning && !ProcessControl.TrySignal(-Pid, Signal.Kill)) ProcessControl.TrySignal(Pid, Signal.Kill);
        _stdio.Close();
        if (_ended is not null) Close();
    }

    public void OnOutput(FrameKind stream, Span<byte> frame)
    {
        _connection.SendStream(stream, frame);
        if (_connection.IsCongested) Pause(true);
    }

    public void OnOutputEnded()
    {
        if (_ended is { } status && _stdio.Ended) Finish(status);
    }

    internal void OnProcessEnded(WaitStatus status)
    {
        _ended = status;
        if (_disconnected) Close();
        else DrainOrWait(status);
    }

    internal override void OnReady(PollEvents ready) => throw new InvalidOperationException("An exec session has no descriptor of its own.");

    internal override void OnDeadline()
    {
        base.OnDeadline();

        // A slow client still has output to take; OnDrained goes on from there.
        if (!_connection.IsCongested && _ended is { } status) Finish(status);
    }

    private protected override void OnClosed() => _stdio.Close();

    private void OnRuntimeDone(RuntimeCommand command, WaitStatus status)
    {
        if (status.ExitCode != 0)
        {
            _connection.Fail(ShimErrorCode.RuntimeFailed, command.ErrorText(status));
            _files.Remove();
            Close();
            return;
        }

        Pid = PidFile.Read(_files.Pid);
        _files.Remove();
        if (_disconnected) OnDisconnected();
        else Announce();
        if (_commands.Claim(Pid) is { } ended) OnProcessEnded(ended.Status);
    }

    private void Announce()
    {
        try
        {
            _stdio.Begin(this, _request.Stdin);
        }
        catch (LinuxException fault)
        {
            // A process nobody could talk to: failing the connection ends it.
            _connection.Fail(ShimErrorCode.RuntimeFailed, "The OCI runtime handed over no terminal: " + fault.Message);
            return;
        }

        var writer = _connection.Writer();
        new Started(Pid, Clock.UnixNanoseconds()).Write(writer);
        _connection.Send(writer);
        if (_request is { Columns: > 0, Rows: > 0 }) _stdio.Resize(_request.Columns, _request.Rows);
        _connection.Resume();
    }

    private void DrainOrWait(WaitStatus status)
    {
        _stdio.Output?.PumpAvailable();
        _stdio.Error?.PumpAvailable();
        if (_stdio.Ended) Finish(status);
        else if (Deadline == 0) Deadline = Clock.MonotonicNanoseconds() + DrainLimit.Nanoseconds;
    }

    private void Pause(bool paused)
    {
        if (_stdio.Output is { } output) output.Paused = paused;
        if (_stdio.Error is { } error) error.Paused = paused;
    }

    private void Finish(WaitStatus status)
    {
        if (Closed) return;
        var writer = _connection.Writer();
        new SessionExit(status.ExitCode, status.Signal).Write(writer);
        _connection.Send(writer);
        Close();
        _connection.Finish();
    }
}
