namespace ControlPlane.Agent.Bundles;

/// <summary>Numbers of a user and its groups inside the container.</summary>
internal sealed record ContainerUser(uint Uid = 0, uint Gid = 0)
{
    /// <summary>Supplementary groups.</summary>
    public IReadOnlyList<uint> AdditionalGids { get; init; } = [];
}
