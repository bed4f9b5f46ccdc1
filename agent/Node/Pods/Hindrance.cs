namespace ControlPlane.Agent.Pods;

/// <summary>What keeps something from starting, as users see it, and when the next try is due.</summary>
/// <param name="Reason">CamelCase reason of the waiting state.</param>
/// <param name="Message">A sentence for people.</param>
/// <param name="RetryAt">When to try again.</param>
/// <param name="Failures">Tries in a row that failed.</param>
internal sealed record Hindrance(string Reason, string Message, DateTimeOffset RetryAt, int Failures);
