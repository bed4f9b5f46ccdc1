using ControlPlane.Agent.Shim.Contract;

namespace ControlPlane.Agent.Shims;

/// <summary>A frame as received; its payload is valid until the connection is read again.</summary>
internal readonly record struct ShimFrame(FrameKind Kind, ReadOnlyMemory<byte> Payload);
