using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Validation;

namespace ControlPlane.Api.Server.Registry.Strategies;

/// <summary>A group's apps must be startable in some order.</summary>
internal sealed class GroupStrategy : PlatformStrategy
{
    private static readonly FieldPath Apps = FieldPath.Of("spec", "apps");

    public override NameRule NameRule => NameRule.DnsLabel;

    public override void Validate(JsonObject proposed, JsonObject? live, List<FieldError> errors)
    {
        var apps = proposed.GetObject("spec")?.GetArray("apps")?.OfType<JsonObject>().ToArray() ?? [];
        var dependencies = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var app in apps)
            dependencies[app.GetString("name") ?? ""] = [.. (app.GetArray("dependencies") ?? []).Select(JsonTree.AsString).OfType<string>()];
        for (var i = 0; i < apps.Length; i++)
        {
            // A dependency on itself is the shortest cycle and reported as such.
            AppRules.Validate(apps[i], Apps.Index(i), name: null, errors);
            UnknownNames(apps[i], i, dependencies, errors);
        }
        if (FindCycle(dependencies) is { } cycle)
            errors.Add(FieldError.Invalid(Apps, string.Join(" → ", cycle), "dependencies form a cycle; remove one of them"));
        OwnGroup(proposed, errors);
    }

    private static void UnknownNames(JsonObject app, int index, Dictionary<string, List<string>> known, List<FieldError> errors)
    {
        var given = app.GetArray("dependencies") ?? [];
        for (var i = 0; i < given.Count; i++)
        {
            if (JsonTree.AsString(given[i]) is { } name && !known.ContainsKey(name))
            {
                errors.Add(FieldError.Invalid(Apps.Index(index).Child("dependencies").Index(i), name,
                    "no app of the group has this name; the group has " + string.Join(", ", known.Keys)));
            }
        }
    }

    private static void OwnGroup(JsonObject proposed, List<FieldError> errors)
    {
        var name = proposed.GetObject("metadata")?.GetString("name");
        var spec = proposed.GetObject("spec");
        if (name is not null && spec?.GetString("parent") == name)
            errors.Add(FieldError.Invalid(FieldPath.Of("spec", "parent"), name, "a group cannot be part of itself"));
        var dependencies = spec?.GetArray("dependencies") ?? [];
        for (var i = 0; i < dependencies.Count; i++)
        {
            if (name is not null && JsonTree.AsString(dependencies[i]) == name)
                errors.Add(FieldError.Invalid(FieldPath.Of("spec", "dependencies").Index(i), name, $"a group cannot depend on itself: {name} → {name}"));
        }
    }

    /// <summary>The first cycle, with its first name again at the end; null when there is none.</summary>
    private static List<string>? FindCycle(Dictionary<string, List<string>> dependencies)
    {
        var done = new HashSet<string>(StringComparer.Ordinal);
        var path = new List<string>();
        foreach (var name in dependencies.Keys)
        {
            if (Visit(name) is { } cycle)
                return cycle;
        }
        return null;

        List<string>? Visit(string name)
        {
            var start = path.IndexOf(name);
            if (start >= 0)
                return [.. path[start..], name];
            if (done.Contains(name) || !dependencies.TryGetValue(name, out var next))
                return null;
            path.Add(name);
            foreach (var dependency in next)
            {
                if (Visit(dependency) is { } cycle)
                    return cycle;
            }
            path.RemoveAt(path.Count - 1);
            done.Add(name);
            return null;
        }
    }
}
