using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Platform.V1;
using ControlPlane.Api.Serialization;

namespace ControlPlane.Controllers.Groups;

/// <summary>Makes the App of a group's entry.</summary>
internal static class AppBuilder
{
    /// <summary>On apps: a digest of what the group wants, by which removed fields are noticed.</summary>
    public const string DigestAnnotation = "controlplane.dev/group-digest";

    /// <summary>On apps: the number of instances that the group last gave them.</summary>
    public const string InstancesAnnotation = "controlplane.dev/group-instances";

    /// <summary>Name of the App of an entry.</summary>
    public static string NameOf(string group, string entry) => $"{group}-{entry}";

    /// <summary>The App that an entry asks for. Where the group leaves the number of instances alone, so does the App.</summary>
    /// <param name="group">The group.</param>
    /// <param name="entry">Its entry.</param>
    /// <param name="others">Apps of other groups that have to be ready first.</param>
    /// <param name="present">The App as it is. One that was scaled since the group last gave it a number stays as it was scaled.</param>
    public static App Build(Group group, GroupApp entry, IEnumerable<string> others, App? present)
    {
        var app = Build(group, entry, others);
        return present is not null && present.Metadata.Annotations.GetValueOrDefault(InstancesAnnotation) == InstancesOf(entry)
            ? app with { Spec = app.Spec with { Instances = present.Spec.Instances } }
            : app;
    }

    private static App Build(Group group, GroupApp entry, IEnumerable<string> others)
    {
        var name = group.Metadata.Name!;
        var spec = (JsonObject)JsonSerializer.SerializeToNode(entry, ApiJson.Options)!;
        spec.Remove("name");
        string[] dependencies = [.. entry.Dependencies.Select(dependency => NameOf(name, dependency)), .. others];
        if (dependencies.Length > 0)
            spec["dependencies"] = new JsonArray([.. dependencies.Select(static dependency => (JsonNode)dependency)]);
        return new App
        {
            Metadata = new ObjectMeta
            {
                Name = NameOf(name, entry.Name),
                Namespace = group.Metadata.Namespace,
                Labels = new Dictionary<string, string> { [WellKnownLabels.Group] = name },
                Annotations = new Dictionary<string, string>
                {
                    [DigestAnnotation] = Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(spec)))[..16],
                    [InstancesAnnotation] = InstancesOf(entry),
                },
                OwnerReferences = [group.AsController()],
            },
            Spec = spec.Deserialize<AppSpec>(ApiJson.Options)!,
        };
    }

    private static string InstancesOf(GroupApp entry) => entry.Instances?.ToString(CultureInfo.InvariantCulture) ?? "";

    /// <summary>Whether an App is as the group wants it.</summary>
    public static bool IsApplied(App wanted, App present) =>
        present.Metadata.Annotations.GetValueOrDefault(DigestAnnotation) == wanted.Metadata.Annotations[DigestAnnotation]
        && present.Metadata.Labels.GetValueOrDefault(WellKnownLabels.Group) == wanted.Metadata.Labels[WellKnownLabels.Group]
        && JsonSubset.Holds(JsonSerializer.SerializeToNode(wanted.Spec, ApiJson.Options), JsonSerializer.SerializeToNode(present.Spec, ApiJson.Options));
}
