using ControlPlane.Agent.Linux;
using ControlPlane.Agent.Shim.Contract;

namespace ControlPlane.Agent.Shim;

/// <summary>
/// Runs the OCI runtime and matches children that end to what they were: the runtime itself, or a process it has left to us. A process
/// may be reaped before the runtime that started it, when nobody knows its id yet; its status is then kept until the runtime is done.
/// </summary>
internal sealed class RuntimeCommands(ShimOptions options)
{
    private readonly List<RuntimeCommand> _running = [];
    private readonly List<ExitedChild> _unclaimed = [];

    /// <summary>Starts a container in the background.</summary>
    internal RuntimeCommand Start(StartRequest request, ProcessStdio stdio, Action<RuntimeCommand, WaitStatus> completed)
    {
        List<string> arguments = ["run", "--detach", "--bundle", request.Bundle, "--pid-file", request.Bundle + "/" + PodDirectory.PidFile];
        if (stdio.ConsoleSocket is { } console) arguments.AddRange(["--console-socket", console]);
        arguments.Add(request.Id);
        return Run(Log(request.Bundle), arguments, stdio, completed);
    }

    /// <summary>Starts another process in a container.</summary>
    internal RuntimeCommand Exec(ExecRequest request, ExecFiles files, ProcessStdio stdio, Action<RuntimeCommand, WaitStatus> completed)
    {
        List<string> arguments = ["exec", "--detach", "--pid-file", files.Pid];
        if (stdio.ConsoleSocket is { } console) arguments.AddRange(["--console-socket", console]);
        if (request.ProcessPath.Length > 0)
        {
            arguments.AddRange(["--process", request.ProcessPath, request.Id]);
            return Run(files.Log, arguments, stdio, completed);
        }

        if (request.Terminal) arguments.Add("--tty");
        if (request.WorkingDirectory.Length > 0) arguments.AddRange(["--cwd", request.WorkingDirectory]);
        if (request.User.Length > 0) arguments.AddRange(["--user", request.User]);
        foreach (var variable in request.Env) arguments.AddRange(["--env", variable]);
        arguments.Add(request.Id);
        arguments.AddRange(request.Args);
        return Run(files.Log, arguments, stdio, completed);
    }

    /// <summary>Kills and removes a container. One nobody knows has no bundle to log into; the pod's directory serves.</summary>
    internal RuntimeCommand Delete(string id, string? bundle, Action<RuntimeCommand, WaitStatus> completed) =>
        Run(bundle is null ? PodDirectory.RuntimeLog : Log(bundle), ["delete", "--force", id], null, completed);

    /// <summary>Takes an ended child; false when it is not the runtime.</summary>
    internal bool TryComplete(ExitedChild child)
    {
        var command = _running.Find(candidate => candidate.Pid == child.Pid);
        if (command is null) return false;
        _running.Remove(command);
        command.Complete(child.Status);
        if (_running.Count == 0) _unclaimed.Clear();
        return true;
    }

    /// <summary>Keeps the status of a child nobody knows, as long as a running command may still name it.</summary>
    internal void Keep(ExitedChild child)
    {
        if (_running.Count > 0) _unclaimed.Add(child);
    }

    /// <summary>The kept status of a process, if it has ended already.</summary>
    internal ExitedChild? Claim(int pid)
    {
        var index = _unclaimed.FindIndex(child => child.Pid == pid);
        if (index < 0) return null;
        var child = _unclaimed[index];
        _unclaimed.RemoveAt(index);
        return child;
    }

    private static string Log(string bundle) => bundle + "/" + PodDirectory.RuntimeLog;

    private RuntimeCommand Run(string log, List<string> arguments, ProcessStdio? stdio, Action<RuntimeCommand, WaitStatus> completed)
    {
        SmallFile.Remove(log);
        var silence = stdio is null ? FileDescriptor.Open("/dev/null", OpenMode.ReadWrite) : -1;
        try
        {
            var pid = ChildProcess.Spawn(new SpawnRequest
            {
                Path = options.Runtime,
                Arguments = ["runc", "--root", options.RuntimeRoot, "--log", log, "--log-format", "json", .. arguments],
                Environment = [RuntimeCommand.SearchPath],
                StandardInput = stdio?.ChildInput ?? silence,
                StandardOutput = stdio?.ChildOutput ?? silence,
                StandardError = stdio?.ChildError ?? silence,
            });
            var command = new RuntimeCommand(pid, log, completed);
            _running.Add(command);
            return command;
        }
        finally
        {
            FileDescriptor.Close(silence);
            stdio?.ReleaseChildEnds();
        }
    }
}
