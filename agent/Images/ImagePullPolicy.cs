namespace ControlPlane.Agent.Images;

/// <summary>When to ask the registry, with Kubernetes' names and meaning.</summary>
public enum ImagePullPolicy
{
    IfNotPresent,
    Always,
    Never,
}
