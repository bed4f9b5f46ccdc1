namespace ControlPlane.Agent.Bundles;

/// <summary>The namespaces a container joins. Mount and cgroup namespaces are always its own.</summary>
internal sealed record ContainerNamespaces
{
    /// <summary>The file of the network namespace to join; null is the host's.</summary>
    public string? NetworkPath { get; init; }

    /// <summary>The file of the IPC namespace to join; null is the host's.</summary>
    public string? IpcPath { get; init; }

    /// <summary>The file of the UTS namespace to join; null is the host's.</summary>
    public string? UtsPath { get; init; }

    /// <summary>The file of the PID namespace to join; null gives it one of its own, unless <see cref="HostPid"/>.</summary>
    public string? PidPath { get; init; }

    /// <summary>Whether it sees the host's processes.</summary>
    public bool HostPid { get; init; }
}
