namespace ControlPlane.Agent.Shims;

/// <summary>A shim does not answer or its connection broke; <see cref="ShimLauncher.ReconnectAsync"/> tells whether it still lives.</summary>
internal sealed class ShimUnavailableException(string message, Exception? cause = null) : IOException(message, cause);
