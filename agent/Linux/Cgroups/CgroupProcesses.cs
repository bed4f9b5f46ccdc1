using System.Globalization;

namespace ControlPlane.Agent.Linux;

/// <summary>The processes of a cgroup and of the cgroups below it.</summary>
public static class CgroupProcesses
{
    /// <summary>Sends a signal to every process there is. One that forks meanwhile may have a child that is missed; SIGKILL is repeated.</summary>
    public static void Signal(string cgroupPath, int signal)
    {
        // A shared or root cgroup would mean processes of others.
        if (cgroupPath.Trim('/').Length == 0) throw new ArgumentException("A cgroup to signal must be named.", nameof(cgroupPath));
        var directory = (CgroupMounts.IsUnified ? CgroupMounts.Version2 : CgroupMounts.Version1("memory")) + cgroupPath;
        if (signal == Linux.Signal.Kill && SmallFile.Exists(directory + "/cgroup.kill"))
        {
            SmallFile.WriteControl(directory + "/cgroup.kill", "1");
            return;
        }

        const int Rounds = 5;
        for (var round = 0; SignalOnce(directory, signal) && signal == Linux.Signal.Kill && round < Rounds; round++)
        {
        }
    }

    private static bool SignalOnce(string directory, int signal)
    {
        if (!Directory.Exists(directory)) return false;
        var any = false;
        foreach (var child in Directory.GetDirectories(directory)) any |= SignalOnce(child, signal);
        foreach (var line in (SmallFile.TryReadText(directory + "/cgroup.procs") ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            any |= ProcessControl.TrySignal(int.Parse(line, CultureInfo.InvariantCulture), signal);
        }

        return any;
    }
}
