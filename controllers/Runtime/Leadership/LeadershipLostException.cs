namespace ControlPlane.Controllers.Leadership;

/// <summary>A write was not sent, or its answer not awaited, because this process may no longer be the leader.</summary>
/// <param name="controller">Which controller.</param>
public sealed class LeadershipLostException(string controller) : Exception($"{controller} is no longer led by this process; nothing is written.");
