namespace ControlPlane.Agent.Shim;

/// <summary>
/// How long output may stay open after its process has ended. Usually the last writer is gone with it and this is never waited for; a
/// descendant that inherited the pipe must not hold up the news of the exit.
/// </summary>
internal static class DrainLimit
{
    internal const long Nanoseconds = 1_000_000_000;
}
