using System.Reflection;
using ControlPlane.Api.Machinery.Schema;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Schema;
using ControlPlane.Api.Server.Registry.Strategies;

namespace ControlPlane.Api.Server.Definitions;

/// <summary>The kinds we ship: every record with a [Resource] attribute, and what <see cref="StrategyCatalog"/> adds to it.</summary>
internal static class BuiltInDefinitions
{
    private static readonly string[] StatusVerbs = ["get", "patch", "update"];

    public static IEnumerable<ResourceDefinition> Build(SubresourceCatalog subresources) => typeof(Resource).Assembly.GetExportedTypes()
        .Where(t => t.GetCustomAttribute<ResourceAttribute>() is not null)
        .Select(t => FromType(t, t.GetCustomAttribute<ResourceAttribute>()!, subresources));

    private static ResourceDefinition FromType(Type type, ResourceAttribute resource, SubresourceCatalog subresources) => new()
    {
        Group = resource.Group,
        Version = resource.Version,
        Kind = resource.Kind,
        Plural = resource.Plural,
        Singular = resource.Kind.ToLowerInvariant(),
        Scope = resource.Scope,
        ShortNames = resource.ShortNames,
        Categories = resource.Categories,
        Schema = SchemaFromType.Build(type),
        Columns = [.. type.GetCustomAttributes<ColumnAttribute>().Select(c => new PrinterColumn(c.Name, c.Type, c.JsonPath, c.Priority))],
        SelectableFields = type.GetCustomAttributes<SelectableFieldAttribute>().ToDictionary(f => f.Path, f => Selectable(resource, f)),
        Scale = ScaleOf(resource),
        Subresources = SubresourcesOf(resource, subresources).ToDictionary(s => s.Name),
        Strategy = StrategyCatalog.For(resource.Group, resource.Kind),
    };

    private static SelectableField Selectable(ResourceAttribute resource, SelectableFieldAttribute field)
    {
        var selectable = new SelectableField(field.Path, field.Default);
        // The source of an event is an object; selectors compare its component.
        return resource.Kind == "Event" && field.Path == "source" ? selectable with { ValuePath = "source.component" } : selectable;
    }

    private static ScalePaths? ScaleOf(ResourceAttribute resource) => resource.ScaleSpecPath is null
        ? null
        : new ScalePaths(resource.ScaleSpecPath.TrimStart('.'), resource.ScaleStatusPath!.TrimStart('.'), resource.ScaleSelectorPath?.TrimStart('.'));

    private static IEnumerable<SubresourceDefinition> SubresourcesOf(ResourceAttribute resource, SubresourceCatalog subresources)
    {
        if (resource.HasStatus)
            yield return new SubresourceDefinition("status", new GroupVersionKind(resource.Group, resource.Version, resource.Kind), StatusVerbs);
        foreach (var subresource in subresources.For(resource.Group, resource.Plural, resource.ScaleSpecPath is not null))
            yield return subresource;
    }
}
