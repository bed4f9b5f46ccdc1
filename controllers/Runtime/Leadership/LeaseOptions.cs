namespace ControlPlane.Controllers.Leadership;

/// <summary>Times of a leader election.</summary>
public sealed record LeaseOptions
{
    /// <summary>Others take over when the lease was not renewed for so long. Whole seconds.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The leader stops writing when it could not renew for so long; shorter than <see cref="Duration"/>, for writes that are under way.</summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often candidates, and leaders in trouble, try.</summary>
    public TimeSpan Retry { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often a leader renews.</summary>
    public TimeSpan Renew { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Namespace of the leases.</summary>
    public string Namespace { get; init; } = "kube-system";
}
