namespace ControlPlane.Agent.Linux;

/// <summary>Files by which a pod's namespaces are joined; null where the pod shares the host's.</summary>
public sealed record PodNamespacePaths(string? Network, string? Ipc, string? Uts);
