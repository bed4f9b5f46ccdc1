namespace ControlPlane.Agent.Bundles;

/// <summary>A limit of setrlimit(2), e.g. <c>RLIMIT_NOFILE</c>.</summary>
internal sealed record ContainerRlimit(string Type, ulong Soft, ulong Hard);
