namespace ControlPlane.Agent.Linux;

/// <summary>What tells one run of the kernel from the next.</summary>
public static class HostIdentity
{
    /// <summary>The kernel's random id of this boot.</summary>
    public static string BootId() => SmallFile.ReadText("/proc/sys/kernel/random/boot_id").Trim();
}
