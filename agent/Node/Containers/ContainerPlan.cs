using ControlPlane.Agent.Hooks;
using ControlPlane.Agent.Images;
using ControlPlane.Agent.Pods;
using ControlPlane.Api.Core.V1;

namespace ControlPlane.Agent.Containers;

/// <summary>Everything that decides how one run of a container is configured.</summary>
internal sealed record ContainerPlan(
    PodSandbox Sandbox, Pod Pod, Container Container, ContainerRun Run, ImageConfig Image, IReadOnlyDictionary<string, string> Environment)
{
    public string Bundle => Sandbox.Paths.Bundle(Run.Id);

    public string Rootfs => Path.Combine(Bundle, "rootfs");
}
