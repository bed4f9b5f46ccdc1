using ControlPlane.Agent.Shim.Contract;

namespace ControlPlane.Agent.Shims;

/// <summary>What was found where a shim should be.</summary>
/// <param name="State">Whether it lives.</param>
/// <param name="Client">How to talk to it, when it answers.</param>
/// <param name="Hello">Who it is, when it answers.</param>
internal sealed record ShimReconnect(ShimLiveness State, ShimClient? Client = null, HelloReply? Hello = null);
