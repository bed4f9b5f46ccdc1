namespace ControlPlane.Agent.Pods;

/// <summary>What to do now, and when to look again although nothing happened.</summary>
internal sealed record PodPlan(IReadOnlyList<PodAction> Actions, DateTimeOffset? NextLook);
