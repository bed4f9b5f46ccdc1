using ControlPlane.Agent.Linux;

namespace ControlPlane.Agent.Shim;

/// <summary>The two files an exec needs while the runtime starts it: its process id and the runtime's log.</summary>
internal sealed class ExecFiles
{
    private static int _count;

    internal ExecFiles(string bundle)
    {
        var stem = bundle + "/exec-" + ++_count;
        Pid = stem + ".pid";
        Log = stem + ".log";
    }

    internal string Pid { get; }

    internal string Log { get; }

    internal void Remove()
    {
        SmallFile.Remove(Pid);
        SmallFile.Remove(Log);
    }
}
