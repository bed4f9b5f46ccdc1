namespace ControlPlane.Agent.Bundles;

/// <summary>The file systems every container has.</summary>
internal static class StandardMounts
{
    internal static IReadOnlyList<ContainerMount> For(bool privileged) =>
    [
        Special("/proc", "proc", "proc", "nosuid", "noexec", "nodev"),
        Special("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
        Special("/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"),
        Special("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", "size=65536k"),
        Special("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev"),
        Special("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", privileged ? "rw" : "ro"),
        Special("/sys/fs/cgroup", "cgroup", "cgroup", "nosuid", "noexec", "nodev", "relatime", privileged ? "rw" : "ro"),
    ];

    private static ContainerMount Special(string destination, string type, string source, params string[] options) =>
        new() { Destination = destination, Type = type, Source = source, Options = options };
}
