namespace ControlPlane.Agent.Networking.Cni;

public sealed record CniRunnerOptions
{
    /// <summary>Where plugins are looked for, in order.</summary>
    public IReadOnlyList<string> PluginDirectories { get; init; } = ["/opt/cni/bin", "/usr/lib/cni"];

    /// <summary>A directory of the runner's own: one file per connected pod, so that it can be disconnected after a restart.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>Where host-local keeps its allocations, for finding leaked ones; null when another plugin allocates.</summary>
    public string? AllocationDirectory { get; init; }

    public string Interface { get; init; } = "eth0";
}
