namespace ControlPlane.Agent.Shim.Contract;

/// <summary>File names inside a pod's directory that agent and shim share.</summary>
public static class PodDirectory
{
    /// <summary>The shim's socket.</summary>
    public const string Socket = "shim.sock";

    /// <summary>The shim's process id, start time and boot id.</summary>
    public const string Identity = "shim.pid";

    /// <summary>What the shim itself had to say; empty in ordinary life.</summary>
    public const string Log = "shim.log";

    /// <summary>The OCI runtime's own state, its <c>--root</c>.</summary>
    public const string RuntimeRoot = "runtime";

    /// <summary>Inside a container's bundle: how it ended.</summary>
    public const string ExitFile = "exit";

    /// <summary>Inside a container's bundle: its init process, as the runtime wrote it.</summary>
    public const string PidFile = "init.pid";

    /// <summary>Inside a container's bundle: the runtime's errors.</summary>
    public const string RuntimeLog = "runtime.log";
}
