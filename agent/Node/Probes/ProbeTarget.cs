using ControlPlane.Agent.Shims;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Values;

namespace ControlPlane.Agent.Probes;

/// <summary>What is checked.</summary>
/// <param name="Container">The container.</param>
/// <param name="RunId">Its run, the name by which the shim knows it.</param>
/// <param name="PodIp">Where it listens.</param>
/// <param name="Shim">Runs commands in it.</param>
internal sealed record ProbeTarget(Container Container, string RunId, string PodIp, ShimClient Shim)
{
    /// <summary>The number of a port given by number or name; null when the container has no port of that name.</summary>
    public int? Port(IntOrString port) => port.Number
        ?? Container.Ports.FirstOrDefault(p => p.Name == port.Text)?.ContainerPortNumber
        ?? (int.TryParse(port.Text, out var number) ? number : null);
}
