using System.Text;
using ControlPlane.Api.Core.V1;

namespace ControlPlane.Agent.Configuration;

/// <summary>
/// A container's environment. Later entries win over earlier ones: image, VIPs of the namespace, envFrom, env.
/// </summary>
internal static class EnvironmentBuilder
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <param name="container">The container.</param>
    /// <param name="image">The image's <c>NAME=value</c> entries.</param>
    /// <param name="links">Variables of VIPs.</param>
    /// <param name="sources">Secrets and ConfigMaps.</param>
    /// <param name="readField">Reads a field of the pod by its path.</param>
    /// <exception cref="ContainerConfigException">Something referred to is missing.</exception>
    public static IReadOnlyDictionary<string, string> Build(
        Container container,
        IEnumerable<string> image,
        IReadOnlyDictionary<string, string> links,
        ConfigSources sources,
        Func<string, string> readField)
    {
        var result = new OrderedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in image)
        {
            var equals = entry.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
                result[entry[..equals]] = entry[(equals + 1)..];
        }

        foreach (var (name, value) in links)
            result[name] = value;
        foreach (var from in container.EnvFrom)
            AddAll(result, from, sources);
        foreach (var variable in container.Env)
        {
            if (Value(variable, result, sources, readField) is { } value)
                result[variable.Name] = value;
        }

        return result;
    }

    private static void AddAll(OrderedDictionary<string, string> result, EnvFromSource from, ConfigSources sources)
    {
        if (from.ConfigMapRef is { } configMapRef && sources.ConfigMap(configMapRef.Name, configMapRef.Optional) is { } configMap)
        {
            foreach (var (key, value) in configMap.Data)
                result[from.Prefix + key] = value;
        }

        if (from.SecretRef is { } secretRef && sources.Secret(secretRef.Name, secretRef.Optional) is { } secret)
        {
            foreach (var (key, value) in secret.Data)
                result[from.Prefix + key] = Text(value, "secret", secretRef.Name, key);
        }
    }

    private static string? Value(
        EnvVar variable, IReadOnlyDictionary<string, string> before, ConfigSources sources, Func<string, string> readField)
    {
        switch (variable.ValueFrom)
        {
            case null:
                return VariableExpansion.Expand(variable.Value ?? "", before);
            case { FieldRef: { } field }:
                return readField(field.FieldPath);
            case { SecretKeyRef: { } selector }:
                return sources.Secret(selector.Name, selector.Optional) is not { } secret ? null
                    : secret.Data.TryGetValue(selector.Key, out var bytes) ? Text(bytes, "secret", selector.Name, selector.Key)
                    : Missing("secret", secret.Metadata.Namespace, selector);
            case { ConfigMapKeyRef: { } selector }:
                return sources.ConfigMap(selector.Name, selector.Optional) is not { } configMap ? null
                    : configMap.Data.TryGetValue(selector.Key, out var text) ? text
                    : Missing("configmap", configMap.Metadata.Namespace, selector);
            default:
                throw new ContainerConfigException($"the source of environment variable {variable.Name} is not supported");
        }
    }

    private static string? Missing(string kind, string? @namespace, KeySelector selector) => selector.Optional == true
        ? null
        : throw new ContainerConfigException($"couldn't find key {selector.Key} in {kind} {@namespace}/{selector.Name}");

    // Environment variables are C strings; other bytes cannot get through and must not be changed silently.
    private static string Text(byte[] value, string kind, string? name, string key)
    {
        try
        {
            var text = StrictUtf8.GetString(value);
            if (!text.Contains('\0', StringComparison.Ordinal))
                return text;
        }
        catch (DecoderFallbackException)
        {
            // Reported below, together with the other unusable values.
        }

        throw new ContainerConfigException(
            $"key {key} of {kind} \"{name}\" is not text and cannot be an environment variable; mount it as a file");
    }
}
