namespace ControlPlane.Agent.Bundles;

/// <summary>
/// Everything an OCI runtime has to know to start one container, in our own words. What is not said is as safe as it can be: a container
/// that needs more must ask by name.
/// </summary>
internal sealed record ContainerConfig
{
    /// <summary>The mounted root file system, absolute.</summary>
    public required string RootfsPath { get; init; }

    /// <summary>The program and its arguments.</summary>
    public required IReadOnlyList<string> Args { get; init; }

    /// <summary><c>NAME=value</c>; the last of a name wins.</summary>
    public IReadOnlyList<string> Env { get; init; } = [];

    /// <summary>Where it starts.</summary>
    public string WorkingDirectory { get; init; } = "/";

    /// <summary>Whom it runs as.</summary>
    public ContainerUser User { get; init; } = new();

    /// <summary>Whether it gets a terminal.</summary>
    public bool Terminal { get; init; }

    /// <summary>Mounts beside the standard ones (/proc, /dev, /sys and so on). One at a standard place takes its place.</summary>
    public IReadOnlyList<ContainerMount> Mounts { get; init; } = [];

    /// <summary>Which namespaces it joins.</summary>
    public ContainerNamespaces Namespaces { get; init; } = new();

    /// <summary>Its cgroup: absolute within the hierarchy, its own.</summary>
    public required string CgroupPath { get; init; }

    /// <summary>What it may use.</summary>
    public ContainerResources Resources { get; init; } = new();

    /// <summary>Whether its root file system is read-only.</summary>
    public bool ReadOnlyRootfs { get; init; }

    /// <summary>Its capabilities, by full names; see <see cref="CapabilitySet"/>.</summary>
    public IReadOnlyList<string> Capabilities { get; init; } = CapabilitySet.Default;

    /// <summary>Lifts every restriction on devices, paths and system calls. The caller has checked that this is allowed.</summary>
    public bool Privileged { get; init; }

    /// <summary>Whether no program in it can gain privileges, set-uid ones included.</summary>
    public bool NoNewPrivileges { get; init; } = true;

    /// <summary>Which system calls it may make.</summary>
    public SeccompProfile Seccomp { get; init; } = SeccompProfile.RuntimeDefault;

    /// <summary>Paths it cannot see into.</summary>
    public IReadOnlyList<string> MaskedPaths { get; init; } = ProtectedPaths.Masked;

    /// <summary>Paths it can only read.</summary>
    public IReadOnlyList<string> ReadonlyPaths { get; init; } = ProtectedPaths.ReadOnly;

    /// <summary>Its limits (setrlimit).</summary>
    public IReadOnlyList<ContainerRlimit> Rlimits { get; init; } = [];

    /// <summary>Kernel parameters of its namespaces. The caller has checked that they are allowed.</summary>
    public IReadOnlyDictionary<string, string> Sysctls { get; init; } = new Dictionary<string, string>();

    /// <summary>Devices it gets beside the standard ones.</summary>
    public IReadOnlyList<ContainerDevice> Devices { get; init; } = [];

    /// <summary>How eagerly the kernel picks it when memory runs out, -1000 to 1000. Always set: it would inherit the shim's otherwise.</summary>
    public int OomScoreAdjustment { get; init; }

    /// <summary>For people who look at the bundle or at the runtime's list.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();
}
