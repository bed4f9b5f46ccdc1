namespace ControlPlane.Agent.Configuration;

/// <summary>
/// A container's configuration cannot be had as its spec says: an object or key is missing, a path is unknown. Shown to the user as
/// CreateContainerConfigError and tried again, because the object may appear.
/// </summary>
internal sealed class ContainerConfigException(string message) : Exception(message)
{
    public const string Reason = "CreateContainerConfigError";
}
