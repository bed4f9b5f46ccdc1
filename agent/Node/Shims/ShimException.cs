using ControlPlane.Agent.Shim.Contract;

namespace ControlPlane.Agent.Shims;

/// <summary>A shim refused or failed a request; <see cref="Code"/> says which kind of failure it was.</summary>
internal sealed class ShimException(ShimErrorCode code, string message) : Exception(message)
{
    internal ShimErrorCode Code => code;
}
