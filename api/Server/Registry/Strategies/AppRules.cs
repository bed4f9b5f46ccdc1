using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Validation;

namespace ControlPlane.Api.Server.Registry.Strategies;

/// <summary>What must fit together in an app's spec, alone or within a group.</summary>
internal static class AppRules
{
    public static void Validate(JsonObject spec, FieldPath path, string? name, List<FieldError> errors)
    {
        if (spec["cmd"] is not null && spec.GetArray("args") is { Count: > 0 })
            errors.Add(FieldError.Forbidden(path.Child("args"), "may not be set together with cmd; keep cmd for a shell command line, args for a program and its arguments"));
        PortNames(spec, path, errors);
        Sources(spec, path, "secrets", errors);
        Sources(spec, path, "configs", errors);
        var checks = spec.GetArray("healthChecks") ?? [];
        for (var i = 0; i < checks.Count; i++)
        {
            if (checks[i] is JsonObject check)
                Check(check, spec, path.Child("healthChecks").Index(i), errors);
        }
        if (spec.GetObject("readinessCheck") is { } readiness)
            Check(readiness, spec, path.Child("readinessCheck"), errors);
        SelfDependency(spec, path, name, errors);
    }

    private static void PortNames(JsonObject spec, FieldPath path, List<FieldError> errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var ports = spec.GetArray("ports") ?? [];
        for (var i = 0; i < ports.Count; i++)
        {
            if ((ports[i] as JsonObject)?.GetString("name") is { } portName && !names.Add(portName))
                errors.Add(FieldError.Duplicate(path.Child("ports").Index(i).Child("name"), portName));
        }
    }

    /// <summary>A value has to go somewhere: an environment variable takes one key, a path one or all.</summary>
    private static void Sources(JsonObject spec, FieldPath path, string field, List<FieldError> errors)
    {
        foreach (var (key, value) in spec.GetObject(field) ?? [])
        {
            if (value is not JsonObject source)
                continue;
            var at = path.Child(field).Key(key);
            if (source["env"] is null && source["path"] is null)
                errors.Add(FieldError.Required(at, "set env, path or both, or the instances never see the value"));
            if (source["env"] is not null && source["key"] is null)
                errors.Add(FieldError.Required(at.Child("key"), "an environment variable holds one key"));
        }
    }

    private static void Check(JsonObject check, JsonObject spec, FieldPath path, List<FieldError> errors)
    {
        if (check.GetString("protocol") == "COMMAND")
        {
            if (check["command"] is null)
                errors.Add(FieldError.Required(path.Child("command"), "protocol COMMAND runs it"));
            return;
        }
        if (check["command"] is not null)
            errors.Add(FieldError.Forbidden(path.Child("command"), "only protocol COMMAND runs one"));
        var ports = spec.GetArray("ports")?.OfType<JsonObject>().ToArray() ?? [];
        if (check["port"] is null && ports.Length == 0)
            errors.Add(FieldError.Required(path.Child("port"), "the app has no ports to take it from"));
        else if (JsonTree.AsString(check["port"]) is { } portName && !ports.Any(p => p.GetString("name") == portName))
            errors.Add(FieldError.Invalid(path.Child("port"), portName, "no port of the app has this name"));
    }

    private static void SelfDependency(JsonObject spec, FieldPath path, string? name, List<FieldError> errors)
    {
        var dependencies = spec.GetArray("dependencies") ?? [];
        for (var i = 0; i < dependencies.Count; i++)
        {
            if (name is not null && JsonTree.AsString(dependencies[i]) == name)
                errors.Add(FieldError.Invalid(path.Child("dependencies").Index(i), name, $"an app cannot depend on itself: {name} → {name}"));
        }
    }
}
