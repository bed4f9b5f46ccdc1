namespace ControlPlane.Agent.Shims;

/// <summary>Whether a pod's shim lives.</summary>
internal enum ShimLiveness
{
    /// <summary>It answers.</summary>
    Alive,

    /// <summary>Its process exists but does not answer: stopped, starved, or its socket was removed.</summary>
    Unresponsive,

    /// <summary>Its process is gone, or belonged to an earlier boot. Its containers may still run; see <see cref="ShimRemains"/>.</summary>
    Dead,
}
