namespace ControlPlane.Agent.Bundles;

/// <summary>Where a seccomp profile comes from.</summary>
internal enum SeccompMode
{
    RuntimeDefault,
    Unconfined,
    Localhost,
}
