using ControlPlane.Api.Core.V1;

namespace ControlPlane.Agent.Configuration;

/// <summary>Names of the Secrets and ConfigMaps that something refers to.</summary>
internal sealed record ConfigReferences(IReadOnlySet<string> Secrets, IReadOnlySet<string> ConfigMaps)
{
    public bool IsEmpty => Secrets.Count == 0 && ConfigMaps.Count == 0;

    public static ConfigReferences OfEnvironment(Container container) => new(
        Names(container.EnvFrom.Select(e => e.SecretRef?.Name).Concat(container.Env.Select(e => e.ValueFrom?.SecretKeyRef?.Name))),
        Names(container.EnvFrom.Select(e => e.ConfigMapRef?.Name).Concat(container.Env.Select(e => e.ValueFrom?.ConfigMapKeyRef?.Name))));

    public static ConfigReferences OfVolumes(PodSpec spec) => new(
        Names(spec.Volumes.Select(v => v.Secret?.SecretName)),
        Names(spec.Volumes.Select(v => v.ConfigMap?.Name)));

    private static HashSet<string> Names(IEnumerable<string?> names) => [.. names.OfType<string>()];
}
