using ControlPlane.Agent.Linux;
using ControlPlane.Agent.Shim.Contract;

namespace ControlPlane.Agent.Shim;

/// <summary>
/// One container: starting → running → exited. At the exit the order is fixed: drain its output, close its log, write the exit record,
/// and only then tell anybody, so that whoever hears of an exit finds everything in place.
/// </summary>
internal sealed class Container : PollSource, IOutputSink
{
    private readonly ProcessStdio _stdio;
    private readonly ContainerLog? _log;
    private readonly List<AttachSession> _attached = [];
    private WaitStatus? _ended;
    private long _finishedAt;

    internal Container(StartRequest request, ProcessStdio stdio, ContainerLog? log)
    {
        Request = request;
        _stdio = stdio;
        _log = log;
    }

    internal StartRequest Request { get; }

    internal int Pid { get; private set; }

    internal long StartedAt { get; private set; }

    /// <summary>How it ended, once that is on record.</summary>
    internal ContainerExit? Exit { get; private set; }

    /// <summary>Who waits for its removal; null while nobody has asked for it.</summary>
    internal List<Connection>? Deleting { get; set; }

    /// <summary>Called when the exit is on record.</summary>
    internal Action<Container>? Exited { get; set; }

    internal bool IsRunning => Pid > 0 && _ended is null;

    internal InputPump? Input => _stdio.Input;

    internal ContainerState State => new()
    {
        Id = Request.Id,
        Phase = Deleting is not null ? ContainerPhase.Deleting : Exit is not null ? ContainerPhase.Exited : Pid > 0 ? ContainerPhase.Running : ContainerPhase.Starting,
        Pid = Pid,
        StartedAt = StartedAt,
        LogBytesLost = _log?.BytesLost ?? 0,
    };

    public void OnOutput(FrameKind stream, Span<byte> frame)
    {
        _log?.Append(stream, frame[ShimProtocol.HeaderSize..], Clock.UnixNanoseconds());

        // Backwards: a client that cannot keep up leaves the list while it is walked.
        for (var i = _attached.Count - 1; i >= 0; i--) _attached[i].SendOutput(stream, frame);
    }

    public void OnOutputEnded()
    {
        if (_ended is not null && _stdio.Ended) Finish();
    }

    internal void Launch(RuntimeCommands commands, Action<RuntimeCommand, WaitStatus> completed) => commands.Start(Request, _stdio, completed);

    internal void OnStarted(int pid)
    {
        Pid = pid;
        StartedAt = Clock.UnixNanoseconds();
        _stdio.Begin(this, Request.Stdin);
    }

    internal void OnProcessEnded(WaitStatus status)
    {
        _ended = status;
        _finishedAt = Clock.UnixNanoseconds();
        _stdio.Output?.PumpAvailable();
        _stdio.Error?.PumpAvailable();
        if (_stdio.Ended) Finish();
        else Deadline = Clock.MonotonicNanoseconds() + DrainLimit.Nanoseconds;
    }

    internal override void OnReady(PollEvents ready) => throw new InvalidOperationException("A container has no descriptor of its own.");

    internal override void OnDeadline()
    {
        base.OnDeadline();
        Finish();
    }

    internal void Attach(AttachSession session) => _attached.Add(session);

    internal void Detach(AttachSession session) => _attached.Remove(session);

    internal void Resize(ushort columns, ushort rows) => _stdio.Resize(columns, rows);

    private protected override void OnClosed()
    {
        _stdio.Close();
        _log?.Close(Clock.UnixNanoseconds());
    }

    private void Finish()
    {
        if (Exit is not null || _ended is not { } status) return;
        Deadline = 0;
        Exit = new ContainerExit
        {
            Id = Request.Id,
            Pid = Pid,
            ExitCode = status.ExitCode,
            Signal = status.Signal,
            OomKills = ContainerCgroup.OomKills(Request.CgroupPath),
            StartedAt = StartedAt,
            FinishedAt = _finishedAt,
        };
        _stdio.Close();
        _log?.Close(_finishedAt);
        Record(Exit);
        foreach (var session in _attached.ToArray()) session.End(new SessionExit(status.ExitCode, status.Signal));
        Exited?.Invoke(this);
    }

    private void Record(ContainerExit exit)
    {
        try
        {
            SmallFile.Replace(Request.Bundle + "/" + PodDirectory.ExitFile, exit.ToFile());
        }
        catch (LinuxException fault)
        {
            // A full disk must not hide the exit from those who can still be told.
            ShimLog.Write("exit record of " + exit.Id, fault);
        }
    }
}
