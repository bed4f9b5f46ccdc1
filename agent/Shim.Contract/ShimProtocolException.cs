namespace ControlPlane.Agent.Shim.Contract;

/// <summary>The other end sent bytes that are no frame of this protocol.</summary>
public sealed class ShimProtocolException(string message) : Exception(message);
