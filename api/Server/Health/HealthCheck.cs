namespace ControlPlane.Api.Server.Health;

/// <summary>A named condition of a healthy server.</summary>
/// <param name="Name">As it appears in verbose answers and paths.</param>
/// <param name="IsForReadiness">Only readiness depends on it, not liveness.</param>
/// <param name="Check">Null when fine, else what is wrong; logged, not shown.</param>
internal sealed record HealthCheck(string Name, bool IsForReadiness, Func<CancellationToken, ValueTask<string?>> Check);
