using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;

namespace ControlPlane.Api.Server.Authorization;

/// <summary>Which Secrets and ConfigMaps a pod names.</summary>
internal static class PodReferences
{
    public static bool Names(JsonObject pod, string resource, string name)
    {
        var spec = pod.GetObject("spec");
        return resource == "secrets" ? Secrets(spec).Contains(name) : ConfigMaps(spec).Contains(name);
    }

    private static IEnumerable<string?> Secrets(JsonObject? spec) =>
    [
        .. Objects(spec, "volumes").Select(v => v.GetObject("secret")?.GetString("secretName")),
        .. Objects(spec, "imagePullSecrets").Select(s => s.GetString("name")),
        .. Variables(spec).Select(v => v.GetObject("secretKeyRef")?.GetString("name")),
        .. Sources(spec).Select(s => s.GetObject("secretRef")?.GetString("name")),
    ];

    private static IEnumerable<string?> ConfigMaps(JsonObject? spec) =>
    [
        .. Objects(spec, "volumes").Select(v => v.GetObject("configMap")?.GetString("name")),
        .. Variables(spec).Select(v => v.GetObject("configMapKeyRef")?.GetString("name")),
        .. Sources(spec).Select(s => s.GetObject("configMapRef")?.GetString("name")),
    ];

    private static IEnumerable<JsonObject> Variables(JsonObject? spec) =>
        Containers(spec).SelectMany(c => Objects(c, "env")).Select(v => v.GetObject("valueFrom")).OfType<JsonObject>();

    private static IEnumerable<JsonObject> Sources(JsonObject? spec) => Containers(spec).SelectMany(c => Objects(c, "envFrom"));

    private static IEnumerable<JsonObject> Containers(JsonObject? spec) => Objects(spec, "initContainers").Concat(Objects(spec, "containers"));

    private static IEnumerable<JsonObject> Objects(JsonObject? owner, string list) => owner?.GetArray(list)?.OfType<JsonObject>() ?? [];
}
