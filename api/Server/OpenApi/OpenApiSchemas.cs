using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Schema;
using ControlPlane.Api.Server.Definitions;

namespace ControlPlane.Api.Server.OpenApi;

/// <summary>Schemas as OpenAPI writes them, with the extensions clients merge and explain by.</summary>
internal sealed class OpenApiSchemas(OpenApiDialect dialect)
{
    public const string ObjectMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

    /// <summary>A kind's key among the schemas.</summary>
    public static string NameOf(ResourceDefinition definition)
    {
        var group = definition.Group switch
        {
            "" => "io.k8s.api.core",
            "apps" => "io.k8s.api.apps",
            var g when g.EndsWith(".k8s.io", StringComparison.Ordinal) => "io.k8s.api." + g.Split('.')[0],
            var g => string.Join('.', g.Split('.').Reverse()),
        };
        return $"{group}.{definition.Version}.{definition.Kind}";
    }

    /// <summary>The schema of a kind's objects.</summary>
    public JsonObject OfKind(ResourceDefinition definition)
    {
        var schema = Of(definition.Schema);
        if (schema["properties"] is JsonObject properties && properties.ContainsKey("metadata"))
        {
            var metadata = new JsonObject { ["$ref"] = dialect.SchemaPath + ObjectMeta };
            properties["metadata"] = dialect.WrapsReferences
                ? new JsonObject { ["description"] = "Standard object metadata.", ["default"] = new JsonObject(), ["allOf"] = new JsonArray(metadata) }
                : metadata;
        }
        schema["x-kubernetes-group-version-kind"] = new JsonArray(Kind(definition.Group, definition.Version, definition.Kind));
        return schema;
    }

    public static JsonObject Kind(string group, string version, string kind) => new() { ["group"] = group, ["kind"] = kind, ["version"] = version };

    public JsonObject Of(ResourceSchema schema)
    {
        var node = new JsonObject();
        if (schema.Description is { Length: > 0 } description)
            node["description"] = description;
        Type(schema, node);
        Values(schema, node);
        Structure(schema, node);
        Extensions(schema, node);
        return node;
    }

    private void Type(ResourceSchema schema, JsonObject node)
    {
        if (schema.IntOrString)
        {
            if (dialect.WrapsReferences)
                node["oneOf"] = new JsonArray(new JsonObject { ["type"] = "integer" }, new JsonObject { ["type"] = "string" });
            else
                node["type"] = "string";
            node["format"] = "int-or-string";
            return;
        }
        if (schema.Type != SchemaType.Any)
            node["type"] = schema.Type.ToString().ToLowerInvariant();
        else if (schema.PreserveUnknownFields)
            node["type"] = "object";
        if (schema.Format is { } format)
            node["format"] = format;
        if (schema.Nullable && dialect.WrapsReferences)
            node["nullable"] = true;
    }

    private static void Values(ResourceSchema schema, JsonObject node)
    {
        if (schema.Default is { } @default)
            node["default"] = @default.DeepClone();
        if (schema.Enum.Count > 0)
            node["enum"] = new JsonArray([.. schema.Enum.Select(v => v?.DeepClone())]);
        Set(node, "minimum", schema.Minimum);
        Set(node, "maximum", schema.Maximum);
        if (schema.ExclusiveMinimum)
            node["exclusiveMinimum"] = true;
        if (schema.ExclusiveMaximum)
            node["exclusiveMaximum"] = true;
        Set(node, "multipleOf", schema.MultipleOf);
        Set(node, "minLength", schema.MinLength);
        Set(node, "maxLength", schema.MaxLength);
        Set(node, "minItems", schema.MinItems);
        Set(node, "maxItems", schema.MaxItems);
        Set(node, "minProperties", schema.MinProperties);
        Set(node, "maxProperties", schema.MaxProperties);
        if (schema.Pattern is { } pattern)
            node["pattern"] = pattern;
    }

    private void Structure(ResourceSchema schema, JsonObject node)
    {
        if (schema.Properties.Count > 0)
            node["properties"] = new JsonObject(schema.Properties.Ordered.Select(p => KeyValuePair.Create<string, JsonNode?>(p.Key, Of(p.Value))));
        if (schema.Required.Count > 0)
            node["required"] = new JsonArray([.. schema.Required.Select(r => (JsonNode)r)]);
        if (schema.AdditionalProperties is { } values)
            node["additionalProperties"] = Of(values);
        if (schema.Items is { } items)
            node["items"] = Of(items);
    }

    private static void Extensions(ResourceSchema schema, JsonObject node)
    {
        if (schema.ListType is { } list)
            node["x-kubernetes-list-type"] = list.ToString().ToLowerInvariant();
        if (schema.ListMapKeys.Count > 0)
            node["x-kubernetes-list-map-keys"] = new JsonArray([.. schema.ListMapKeys.Select(k => (JsonNode)k)]);
        if (schema.MapType == MapType.Atomic)
            node["x-kubernetes-map-type"] = "atomic";
        if (schema.PatchStrategy.HasFlag(PatchStrategies.Merge))
            node["x-kubernetes-patch-strategy"] = schema.PatchStrategy.HasFlag(PatchStrategies.RetainKeys) ? "merge,retainKeys" : "merge";
        else if (schema.PatchStrategy.HasFlag(PatchStrategies.RetainKeys))
            node["x-kubernetes-patch-strategy"] = "retainKeys";
        if (schema.PatchMergeKey is { } key)
            node["x-kubernetes-patch-merge-key"] = key;
        if (schema.PreserveUnknownFields)
            node["x-kubernetes-preserve-unknown-fields"] = true;
        if (schema.IntOrString)
            node["x-kubernetes-int-or-string"] = true;
        if (schema.EmbeddedResource)
            node["x-kubernetes-embedded-resource"] = true;
    }

    private static void Set(JsonObject node, string name, double? value)
    {
        if (value is { } number)
            node[name] = Machinery.Json.JsonNumbers.FromDouble(number);
    }

    private static void Set(JsonObject node, string name, long? value)
    {
        if (value is { } number)
            node[name] = number;
    }
}

/// <summary>Where the versions of OpenAPI differ.</summary>
/// <param name="SchemaPath">Start of references to schemas.</param>
/// <param name="WrapsReferences">Whether a reference beside a description is wrapped in allOf; it is version 3 then.</param>
internal sealed record OpenApiDialect(string SchemaPath, bool WrapsReferences)
{
    public static OpenApiDialect V3 { get; } = new("#/components/schemas/", true);

    public static OpenApiDialect V2 { get; } = new("#/definitions/", false);
}
