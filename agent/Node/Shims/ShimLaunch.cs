namespace ControlPlane.Agent.Shims;

/// <summary>How to start a pod's shim.</summary>
internal sealed record ShimLaunch
{
    /// <summary>The pod's directory, absolute; made if missing, readable by its owner only. On a tmpfs it cannot outlive a reboot.</summary>
    public required string PodDirectory { get; init; }

    /// <summary>The shim's executable.</summary>
    public required string ShimPath { get; init; }

    /// <summary>The OCI runtime's executable.</summary>
    public string RuntimePath { get; init; } = "/usr/sbin/runc";
}
