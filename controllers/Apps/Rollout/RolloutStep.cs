namespace ControlPlane.Controllers.Apps.Rollout;

/// <summary>The next step from the instances there are to those there should be.</summary>
internal sealed record RolloutStep
{
    /// <summary>Alive instances to end.</summary>
    public IReadOnlyList<Instance> Stop { get; init; } = [];

    /// <summary>Dead instances to remove for good.</summary>
    public IReadOnlyList<Instance> Forget { get; init; } = [];

    /// <summary>Dead instances to remove and start again in their place.</summary>
    public IReadOnlyList<Instance> Replace { get; init; } = [];

    /// <summary>How many further instances to start.</summary>
    public int Launch { get; init; }

    /// <summary>When time alone allows a further step.</summary>
    public DateTimeOffset? NextAt { get; init; }
}
