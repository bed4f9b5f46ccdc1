using ControlPlane.Agent.Linux;
using ControlPlane.Agent.Shim.Contract;

namespace ControlPlane.Agent.Shim;

/// <summary>The shim's state, its containers and sessions, and what each request does to it.</summary>
internal sealed class Supervisor(EventLoop loop, ShimOptions options, int pid)
{
    private readonly RuntimeCommands _commands = new(options);
    private readonly List<Container> _containers = [];
    private readonly List<ExecSession> _execs = [];
    private readonly List<Subscription> _subscriptions = [];

    internal int Pid => pid;

    /// <summary>Acts on a connection's request. Its answer may come later.</summary>
    internal void Handle(Connection connection, FrameKind kind, ReadOnlySpan<byte> payload)
    {
        var reader = new FrameReader(payload);
        switch (kind)
        {
            case FrameKind.Start: Start(connection, StartRequest.Read(reader)); break;
            case FrameKind.Kill: Kill(connection, KillRequest.Read(reader)); break;
            case FrameKind.Delete: Delete(connection, DeleteRequest.Read(reader)); break;
            case FrameKind.List: List(connection); break;
            case FrameKind.Subscribe: Subscribe(connection); break;
            case FrameKind.Exec: Exec(connection, ExecRequest.Read(reader)); break;
            case FrameKind.Attach: Attach(connection, AttachRequest.Read(reader)); break;
            case FrameKind.ResizeContainer: Resize(connection, ResizeRequest.Read(reader)); break;
            case FrameKind.Shutdown: Shutdown(connection); break;
            default: connection.Fail(ShimErrorCode.Unsupported, "This shim knows no request of kind " + (int)kind + "."); break;
        }
    }

    /// <summary>Finds out what an ended child was.</summary>
    internal void OnChildExited(ExitedChild child)
    {
        if (_commands.TryComplete(child)) return;
        if (_containers.Find(candidate => candidate.IsRunning && candidate.Pid == child.Pid) is { } container)
        {
            container.OnProcessEnded(child.Status);
        }
        else if (_execs.Find(candidate => candidate.IsRunning && candidate.Pid == child.Pid) is { } exec)
        {
            exec.OnProcessEnded(child.Status);
            _execs.RemoveAll(static session => session.Closed);
        }
        else
        {
            _commands.Keep(child);
        }
    }

    private void Start(Connection connection, StartRequest request)
    {
        if (!ContainerId.IsValid(request.Id) || !request.Bundle.StartsWith('/'))
        {
            connection.Fail(ShimErrorCode.Invalid, "A container needs an id of letters, digits and _.- and an absolute bundle directory.");
            return;
        }

        if (Find(request.Id) is not null)
        {
            connection.Fail(ShimErrorCode.AlreadyExists, "The container " + request.Id + " exists already.");
            return;
        }

        var log = request.LogPath.Length > 0 ? new ContainerLog(request.LogPath, request.LogMaxBytes, request.LogMaxFiles) : null;
        var container = new Container(request, new ProcessStdio(loop, pid, request.Terminal, request.Stdin), log) { Exited = OnContainerExited };
        CloseOnFault(container, () => container.Launch(_commands, (command, status) => OnStartDone(connection, container, command, status)));
        _containers.Add(container);
        loop.Add(container);
    }

    private void OnStartDone(Connection connection, Container container, RuntimeCommand command, WaitStatus status)
    {
        if (status.ExitCode == 0 && TryBegin(container) is { } fault)
        {
            FailStart(connection, container, fault);
        }
        else if (status.ExitCode == 0)
        {
            var writer = connection.Writer();
            new Started(container.Pid, container.StartedAt).Write(writer);
            connection.Send(writer);
            connection.Finish();
            if (_commands.Claim(container.Pid) is { } ended) container.OnProcessEnded(ended.Status);
            if (container.Deleting is not null) AdvanceDelete(container);
        }
        else
        {
            FailStart(connection, container, command.ErrorText(status));
        }
    }

    /// <summary>Takes over a container the runtime has started. Returns what went wrong, or null.</summary>
    private static string? TryBegin(Container container)
    {
        try
        {
            container.OnStarted(PidFile.Read(container.Request.Bundle + "/" + PodDirectory.PidFile));
            return null;
        }
        catch (Exception fault) when (fault is LinuxException or FormatException)
        {
            return "The OCI runtime handed over no process or terminal: " + fault.Message;
        }
    }

    /// <summary>A start that failed half-way may have left a cgroup, mounts or the runtime's own record; they go before the answer.</summary>
    private void FailStart(Connection connection, Container container, string error)
    {
        _commands.Delete(container.Request.Id, container.Request.Bundle, (_, _) =>
        {
            Forget(container);
            connection.Fail(ShimErrorCode.RuntimeFailed, error);
            foreach (var waiting in container.Deleting ?? []) waiting.Done();
        });
    }

    private void Kill(Connection connection, KillRequest request)
    {
        if (Find(request.Id) is not { } container)
        {
            connection.Fail(ShimErrorCode.NotFound, "There is no container " + request.Id + ".");
            return;
        }

        // We are its parent and have not reaped it, so the process id cannot have passed to another.
        if (request.All) CgroupProcesses.Signal(container.Request.CgroupPath, request.Signal);
        else if (container.IsRunning) ProcessControl.TrySignal(container.Pid, request.Signal);
        connection.Done();
    }

    private void Delete(Connection connection, DeleteRequest request)
    {
        var container = Find(request.Id);
        if (container is null)
        {
            _commands.Delete(request.Id, null, (command, status) => Answer(connection, command, status));
            return;
        }

        if (container.Deleting is { } waiting)
        {
            waiting.Add(connection);
            return;
        }

        container.Deleting = [connection];
        AdvanceDelete(container);
    }

    /// <summary>
    /// Takes a deletion one step on: a container that is starting is waited for, a running one killed and waited for, an ended one
    /// removed. Killing it here rather than by the runtime puts its exit on record first, and spares the runtime's polling.
    /// </summary>
    private void AdvanceDelete(Container container)
    {
        if (container.IsRunning) ProcessControl.TrySignal(container.Pid, Signal.Kill);
        else if (container.Exit is { } exit) _commands.Delete(exit.Id, container.Request.Bundle, (command, status) => OnDeleteDone(container, command, status));
    }

    private void OnDeleteDone(Container container, RuntimeCommand command, WaitStatus status)
    {
        var waiting = container.Deleting ?? [];
        container.Deleting = null;
        if (status.ExitCode == 0) Forget(container);
        foreach (var connection in waiting) Answer(connection, command, status);
    }

    private static void Answer(Connection connection, RuntimeCommand command, WaitStatus status)
    {
        if (status.ExitCode == 0) connection.Done();
        else connection.Fail(ShimErrorCode.RuntimeFailed, command.ErrorText(status));
    }

    private void List(Connection connection)
    {
        var writer = connection.Writer();
        ContainerState.WriteAll(writer, _containers.ConvertAll(static container => container.State));
        connection.Send(writer);
        connection.Finish();
    }

    private void Subscribe(Connection connection)
    {
        var subscription = new Subscription(connection, _subscriptions);
        connection.Serve(subscription);
        foreach (var container in _containers)
        {
            if (container.Exit is { } exit) subscription.Send(exit);
        }
    }

    private void OnContainerExited(Container container)
    {
        foreach (var subscription in _subscriptions.ToArray()) subscription.Send(container.Exit!);
        if (container.Deleting is not null) AdvanceDelete(container);
    }

    private void Exec(Connection connection, ExecRequest request)
    {
        if (Find(request.Id) is not { IsRunning: true } container)
        {
            connection.Fail(ShimErrorCode.NotFound, "No running container " + request.Id + ".");
            return;
        }

        if (request.Args.Count == 0 && request.ProcessPath.Length == 0)
        {
            connection.Fail(ShimErrorCode.Invalid, "An exec needs a program.");
            return;
        }

        var stdio = new ProcessStdio(loop, pid, request.Terminal, request.Stdin);
        var session = new ExecSession(connection, request, container.Request.Bundle, stdio, _commands);
        CloseOnFault(session, session.Start);
        connection.Serve(session);
        _execs.RemoveAll(static ended => ended.Closed);
        _execs.Add(session);
        loop.Add(session);
    }

    private void Attach(Connection connection, AttachRequest request)
    {
        if (Find(request.Id) is not { IsRunning: true } container)
        {
            connection.Fail(ShimErrorCode.NotFound, "No running container " + request.Id + ".");
            return;
        }

        var session = new AttachSession(connection, container, request);
        connection.Serve(session);
        var writer = connection.Writer();
        new Started(container.Pid, container.StartedAt).Write(writer);
        connection.Send(writer);
        container.Attach(session);
    }

    private void Resize(Connection connection, ResizeRequest request)
    {
        if (Find(request.Id) is not { } container)
        {
            connection.Fail(ShimErrorCode.NotFound, "There is no container " + request.Id + ".");
            return;
        }

        container.Resize(request.Columns, request.Rows);
        connection.Done();
    }

    private void Shutdown(Connection connection)
    {
        if (_containers.Count > 0)
        {
            connection.Fail(ShimErrorCode.Busy, _containers.Count + " containers remain.");
            return;
        }

        connection.Done();
        loop.Stop();
    }

    private static void CloseOnFault(PollSource source, Action action)
    {
        try
        {
            action();
        }
        catch
        {
            source.Close();
            throw;
        }
    }

    private Container? Find(string id) => _containers.Find(container => container.Request.Id == id);

    private void Forget(Container container)
    {
        container.Close();
        _containers.Remove(container);
    }
}
