using ControlPlane.Api.Core.V1;

namespace ControlPlane.Agent.Configuration;

/// <summary>Values of a pod's fields, as environment variables and files of the downward API have them.</summary>
internal static class PodFields
{
    /// <exception cref="ContainerConfigException">The path is none of those that are offered.</exception>
    public static string Read(string path, Pod pod, string podIp, string hostIp)
    {
        if (Keyed(path, "metadata.labels") is { } label)
            return pod.Metadata.Labels.GetValueOrDefault(label, "");
        if (Keyed(path, "metadata.annotations") is { } annotation)
            return pod.Metadata.Annotations.GetValueOrDefault(annotation, "");
        return path switch
        {
            "metadata.name" => pod.Metadata.Name ?? "",
            "metadata.namespace" => pod.Metadata.Namespace ?? "",
            "metadata.uid" => pod.Metadata.Uid ?? "",
            "spec.nodeName" => pod.Spec?.NodeName ?? "",
            "spec.serviceAccountName" => pod.Spec?.ServiceAccountName ?? "",
            "status.podIP" or "status.podIPs" => podIp,
            "status.hostIP" or "status.hostIPs" => hostIp,
            _ => throw new ContainerConfigException($"the field path \"{path}\" is not supported"),
        };
    }

    // metadata.labels['key']
    private static string? Keyed(string path, string map) =>
        path.StartsWith(map + "['", StringComparison.Ordinal) && path.EndsWith("']", StringComparison.Ordinal)
            ? path[(map.Length + 2)..^2]
            : null;
}
