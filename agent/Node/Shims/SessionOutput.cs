using ControlPlane.Agent.Shim.Contract;

namespace ControlPlane.Agent.Shims;

/// <summary>A piece of a session's output, or its end.</summary>
internal readonly record struct SessionOutput(SessionStream Stream, ReadOnlyMemory<byte> Data, SessionExit? Exit);
