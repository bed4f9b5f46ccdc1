using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Schema;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Server.Definitions;

namespace ControlPlane.Api.Server.OpenApi;

/// <summary>All kinds in one OpenAPI 2 document, as older clients and code generators read it.</summary>
internal static class OpenApiV2Document
{
    private static readonly string[] Produced = ["application/json", "application/yaml"];

    public static JsonObject Build(DefinitionSnapshot definitions)
    {
        var schemas = new OpenApiSchemas(OpenApiDialect.V2);
        var components = new JsonObject { [OpenApiSchemas.ObjectMeta] = schemas.Of(SchemaFromType.Build<ObjectMeta>()) };
        var paths = new JsonObject();
        foreach (var version in definitions.GroupVersions)
        {
            var third = new JsonObject();
            foreach (var definition in version.Resources)
            {
                components[OpenApiSchemas.NameOf(definition)] = schemas.OfKind(definition);
                OpenApiPaths.Add(third, version, definition);
            }
            foreach (var (path, item) in third)
                paths[path] = PathItem(item!.AsObject());
        }
        return new JsonObject
        {
            ["swagger"] = "2.0",
            ["info"] = new JsonObject { ["title"] = "ControlPlane", ["version"] = "v1" },
            ["paths"] = paths,
            ["definitions"] = components,
        };
    }

    /// <summary>Version 3 to version 2: bodies are parameters, media types belong to the operation.</summary>
    private static JsonObject PathItem(JsonObject third)
    {
        var item = new JsonObject();
        foreach (var (name, value) in third)
            item[name] = name == "parameters" ? Parameters(value!.AsArray()) : Operation(value!.AsObject());
        return item;
    }

    private static JsonObject Operation(JsonObject third)
    {
        var operation = new JsonObject();
        foreach (var name in (ReadOnlySpan<string>)["operationId", "x-kubernetes-action", "x-kubernetes-group-version-kind"])
            operation[name] = third[name]?.DeepClone();
        operation["produces"] = new JsonArray([.. Produced.Select(p => (JsonNode)p)]);
        var parameters = Parameters(third["parameters"]!.AsArray());
        if (third["requestBody"]?["content"] is JsonObject content)
        {
            operation["consumes"] = new JsonArray([.. content.Select(c => (JsonNode)c.Key)]);
            parameters.Insert(0, new JsonObject { ["name"] = "body", ["in"] = "body", ["required"] = true, ["schema"] = Second(content.First().Value!["schema"]!) });
        }
        operation["parameters"] = parameters;
        var responses = new JsonObject();
        foreach (var (code, response) in third["responses"]!.AsObject())
            responses[code] = new JsonObject { ["description"] = "OK", ["schema"] = Second(response!["content"]!.AsObject().First().Value!["schema"]!) };
        operation["responses"] = responses;
        return operation;
    }

    private static JsonArray Parameters(JsonArray third) => new([.. third.OfType<JsonObject>().Select(p => new JsonObject
    {
        ["name"] = p["name"]?.DeepClone(), ["in"] = p["in"]?.DeepClone(), ["required"] = p["required"]?.DeepClone() ?? false,
        ["type"] = p["schema"]!["type"]?.DeepClone(), ["uniqueItems"] = true,
    })]);

    private static JsonObject Second(JsonNode schema) => (string?)schema["$ref"] is { } reference
        ? new JsonObject { ["$ref"] = reference.Replace(OpenApiDialect.V3.SchemaPath, OpenApiDialect.V2.SchemaPath, StringComparison.Ordinal) }
        : (JsonObject)schema.DeepClone();
}
