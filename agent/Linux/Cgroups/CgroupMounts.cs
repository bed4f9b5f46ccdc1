namespace ControlPlane.Agent.Linux;

/// <summary>Where cgroup hierarchies are mounted. These places are fixed by every distribution and assumed by the OCI runtimes.</summary>
public static class CgroupMounts
{
    private const string Root = "/sys/fs/cgroup";

    /// <summary>Whether the machine uses version 2 alone; otherwise resources are on version 1 hierarchies.</summary>
    public static bool IsUnified { get; } = SmallFile.Exists(Root + "/cgroup.controllers");

    /// <summary>The version 2 hierarchy of a unified machine.</summary>
    public static string Version2 => Root;

    /// <summary>The version 1 hierarchy of a controller.</summary>
    public static string Version1(string controller) => Root + "/" + controller;
}
