namespace ControlPlane.Agent.Shim;

/// <summary>Which build this is, for people who look at a node with shims of several ages.</summary>
internal static class ShimBuild
{
    internal static string Version { get; } = typeof(ShimBuild).Assembly.GetName().Version?.ToString(3) ?? "unknown";
}
