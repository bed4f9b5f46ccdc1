namespace ControlPlane.Agent.Images;

/// <summary>When unused images are removed, with kubelet's names and defaults.</summary>
public sealed record GarbagePolicy
{
    /// <summary>Percent of the disk in use at which images start to go, least recently used first.</summary>
    public int HighThresholdPercent { get; init; } = 85;

    /// <summary>Percent of the disk in use at which that ends.</summary>
    public int LowThresholdPercent { get; init; } = 80;

    /// <summary>An image used or pulled more recently stays.</summary>
    public TimeSpan MinimumAge { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>An image unused for longer goes whatever the disk says; null keeps it.</summary>
    public TimeSpan? MaximumAge { get; init; }
}
