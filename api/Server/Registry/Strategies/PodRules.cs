using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Validation;

namespace ControlPlane.Api.Server.Registry.Strategies;

/// <summary>Rules over several fields of a pod's spec.</summary>
internal static class PodRules
{
    private static readonly string[] Sources = ["emptyDir", "secret", "configMap"];
    private static readonly string[] Probes = ["livenessProbe", "readinessProbe", "startupProbe"];
    private static readonly string[] Checks = ["exec", "httpGet", "tcpSocket"];
    private static readonly FieldPath Spec = FieldPath.Of("spec");

    private const string FewUpdates =
        "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
        + "`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

    public static void Validate(JsonObject spec, List<FieldError> errors)
    {
        if (spec.GetArray("containers") is not { Count: > 0 })
            errors.Add(FieldError.Required(Spec.Child("containers")));
        var volumes = Volumes(spec.GetArray("volumes"), errors);
        foreach (var list in (ReadOnlySpan<string>)["initContainers", "containers"])
        {
            var containers = spec.GetArray(list) ?? [];
            for (var i = 0; i < containers.Count; i++)
            {
                if (containers[i] is JsonObject container)
                    Container(container, Spec.Child(list).Index(i), volumes, errors);
            }
        }
    }

    public static void ValidateUpdate(JsonObject spec, JsonObject live, List<FieldError> errors)
    {
        if (!JsonTree.DeepEquals(Frozen(spec), Frozen(live)))
            errors.Add(FieldError.Forbidden(Spec, FewUpdates));
    }

    /// <summary>The spec without what may change.</summary>
    private static JsonObject Frozen(JsonObject spec)
    {
        var copy = (JsonObject)spec.DeepClone();
        copy.Remove("activeDeadlineSeconds");
        copy.Remove("tolerations");
        foreach (var container in (copy.GetArray("initContainers") ?? []).Concat(copy.GetArray("containers") ?? []).OfType<JsonObject>())
            container.Remove("image");
        return copy;
    }

    private static HashSet<string> Volumes(JsonArray? volumes, List<FieldError> errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < (volumes?.Count ?? 0); i++)
        {
            if (volumes![i] is not JsonObject volume)
                continue;
            names.Add(volume.GetString("name") ?? "");
            var path = Spec.Child("volumes").Index(i);
            var sources = Sources.Where(s => volume[s] is not null).ToArray();
            if (sources.Length == 0)
                errors.Add(FieldError.Required(path, "must specify a volume type: one of " + string.Join(", ", Sources)));
            else if (sources.Length > 1)
                errors.Add(FieldError.Forbidden(path.Child(sources[1]), "may not specify more than 1 volume type"));
        }
        return names;
    }

    private static void Container(JsonObject container, FieldPath path, HashSet<string> volumes, List<FieldError> errors)
    {
        if (string.IsNullOrEmpty(container.GetString("image")))
            errors.Add(FieldError.Required(path.Child("image")));
        var mounts = container.GetArray("volumeMounts") ?? [];
        for (var i = 0; i < mounts.Count; i++)
        {
            if ((mounts[i] as JsonObject)?.GetString("name") is { } name && !volumes.Contains(name))
                errors.Add(FieldError.NotFound(path.Child("volumeMounts").Index(i).Child("name"), name));
        }
        var variables = container.GetArray("env") ?? [];
        for (var i = 0; i < variables.Count; i++)
        {
            if (variables[i] is JsonObject variable && variable["valueFrom"] is not null && !string.IsNullOrEmpty(variable.GetString("value")))
                errors.Add(FieldError.Invalid(path.Child("env").Index(i).Child("valueFrom"), "", "may not be specified when `value` is not empty"));
        }
        foreach (var name in Probes)
        {
            if (container.GetObject(name) is { } probe && Checks.Count(c => probe[c] is not null) != 1)
                errors.Add(FieldError.Required(path.Child(name), "must specify exactly one of " + string.Join(", ", Checks)));
        }
    }
}
