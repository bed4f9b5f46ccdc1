using ControlPlane.Agent.Linux;

namespace ControlPlane.Agent.Shim;

/// <summary>One running invocation of the OCI runtime.</summary>
internal sealed class RuntimeCommand(int pid, string logPath, Action<RuntimeCommand, WaitStatus> completed)
{
    internal const string SearchPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    internal int Pid => pid;

    internal void Complete(WaitStatus status) => completed(this, status);

    /// <summary>The runtime's last error, from its JSON log, or what can be said without one.</summary>
    internal string ErrorText(WaitStatus status)
    {
        var log = SmallFile.TryReadText(logPath);
        return RuntimeErrorLog.LastMessage(log ?? "") ?? "the OCI runtime ended with code " + status.ExitCode + " and no message";
    }
}
