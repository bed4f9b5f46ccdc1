using ControlPlane.Api.Core.V1;

namespace ControlPlane.Agent.Configuration;

/// <summary>The Secrets and ConfigMaps of one namespace that a pod refers to, as far as they exist.</summary>
internal sealed record ConfigSources
{
    public IReadOnlyDictionary<string, Secret> Secrets { get; init; } = new Dictionary<string, Secret>();

    public IReadOnlyDictionary<string, ConfigMap> ConfigMaps { get; init; } = new Dictionary<string, ConfigMap>();

    /// <exception cref="ContainerConfigException">It is needed and missing.</exception>
    public Secret? Secret(string? name, bool? optional) => Find(Secrets, "secret", name, optional);

    /// <exception cref="ContainerConfigException">It is needed and missing.</exception>
    public ConfigMap? ConfigMap(string? name, bool? optional) => Find(ConfigMaps, "configmap", name, optional);

    private static T? Find<T>(IReadOnlyDictionary<string, T> objects, string kind, string? name, bool? optional) where T : class
    {
        if (objects.TryGetValue(name ?? "", out var found))
            return found;
        return optional == true ? null : throw new ContainerConfigException($"{kind} \"{name}\" not found");
    }
}
