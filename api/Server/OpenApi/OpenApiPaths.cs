using System.Text.Json.Nodes;
using ControlPlane.Api.Server.Definitions;
using ControlPlane.Api.Server.Rest;

namespace ControlPlane.Api.Server.OpenApi;

/// <summary>The operations of a kind, as OpenAPI 3 paths.</summary>
internal static class OpenApiPaths
{
    private static readonly string[] BodyTypes = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];
    private static readonly string[] AnswerTypes = ["application/json", "application/yaml"];
    private static readonly string[] WriteParameters = ["dryRun", "fieldManager", "fieldValidation"];
    private static readonly string[] ListParameters =
        ["allowWatchBookmarks", "continue", "fieldSelector", "labelSelector", "limit", "resourceVersion", "resourceVersionMatch", "sendInitialEvents", "timeoutSeconds", "watch"];
    private static readonly string[] DeleteParameters = ["dryRun", "gracePeriodSeconds", "propagationPolicy"];

    public static void Add(JsonObject paths, GroupVersion version, ResourceDefinition definition)
    {
        var root = "/" + version.Path;
        var collection = definition.IsNamespaced ? $"{root}/namespaces/{{namespace}}/{definition.Plural}" : $"{root}/{definition.Plural}";
        paths[collection] = Item(definition, definition.IsNamespaced, named: false, new()
        {
            ["get"] = ("list", ListParameters), ["post"] = ("create", WriteParameters), ["delete"] = ("deletecollection", ListParameters),
        }, null);
        if (definition.Virtual is not null)
            return;
        if (definition.IsNamespaced)
            paths[$"{root}/{definition.Plural}"] = Item(definition, false, named: false, new() { ["get"] = ("list", ListParameters) }, null);
        paths[collection + "/{name}"] = Item(definition, definition.IsNamespaced, named: true, new()
        {
            ["get"] = ("get", []), ["put"] = ("update", WriteParameters), ["patch"] = ("patch", [.. WriteParameters, "force"]), ["delete"] = ("delete", DeleteParameters),
        }, null);
        foreach (var subresource in definition.Subresources.Values)
        {
            paths[$"{collection}/{{name}}/{subresource.Name}"] = Item(definition, definition.IsNamespaced, named: true, new()
            {
                ["get"] = ("get", []), ["put"] = ("update", WriteParameters), ["patch"] = ("patch", [.. WriteParameters, "force"]), ["post"] = ("create", WriteParameters),
            }, subresource);
        }
    }

    private static JsonObject Item(
        ResourceDefinition definition, bool inNamespace, bool named, Dictionary<string, (string Verb, string[] Parameters)> operations, SubresourceDefinition? subresource)
    {
        var item = new JsonObject();
        foreach (var (method, (verb, parameters)) in operations)
        {
            if ((subresource?.Verbs ?? definition.Verbs).Contains(verb))
                item[method] = Operation(definition, verb, parameters, subresource);
        }
        var inPath = new JsonArray();
        if (named)
            inPath.Add(InPath("name"));
        if (inNamespace)
            inPath.Add(InPath("namespace"));
        item["parameters"] = inPath;
        return item;
    }

    private static JsonObject Operation(ResourceDefinition definition, string verb, string[] parameters, SubresourceDefinition? subresource)
    {
        var kind = subresource?.ResponseKind ?? new GroupVersionKind(definition.Group, definition.Version, definition.Kind);
        var isOwnKind = kind.Kind == definition.Kind && kind.Group == definition.Group;
        var body = isOwnKind
            ? new JsonObject { ["$ref"] = OpenApiDialect.V3.SchemaPath + OpenApiSchemas.NameOf(definition) }
            : new JsonObject { ["type"] = "object" };
        var answers = new JsonObject();
        foreach (var type in AnswerTypes)
            answers[type] = new JsonObject { ["schema"] = verb is "list" or "deletecollection" ? new JsonObject { ["type"] = "object" } : body.DeepClone() };
        var operation = new JsonObject
        {
            ["operationId"] = verb + definition.Kind + (subresource is null ? "" : char.ToUpperInvariant(subresource.Name[0]) + subresource.Name[1..]),
            ["x-kubernetes-action"] = verb == "create" ? "post" : verb == "update" ? "put" : verb,
            ["x-kubernetes-group-version-kind"] = OpenApiSchemas.Kind(kind.Group, kind.Version, kind.Kind),
            ["parameters"] = new JsonArray([.. parameters.Select(p => (JsonNode)InQuery(p))]),
            ["responses"] = new JsonObject { [verb == "create" ? "201" : "200"] = new JsonObject { ["description"] = "OK", ["content"] = answers } },
        };
        if (verb is "create" or "update")
            operation["requestBody"] = Body(BodyTypes, body);
        else if (verb == "patch")
            operation["requestBody"] = Body(PatchHandler.AcceptedBy(definition), new JsonObject { ["type"] = "object" });
        return operation;
    }

    private static JsonObject Body(IEnumerable<string> types, JsonObject schema) => new()
    {
        ["content"] = new JsonObject(types.Select(t => KeyValuePair.Create<string, JsonNode?>(t, new JsonObject { ["schema"] = schema.DeepClone() }))),
        ["required"] = true,
    };

    private static JsonObject InPath(string name) => new()
    {
        ["name"] = name, ["in"] = "path", ["required"] = true, ["schema"] = new JsonObject { ["type"] = "string", ["uniqueItems"] = true },
    };

    private static JsonObject InQuery(string name) => new()
    {
        ["name"] = name, ["in"] = "query", ["schema"] = new JsonObject
        {
            ["type"] = name is "limit" or "timeoutSeconds" or "gracePeriodSeconds" ? "integer" : name is "watch" or "force" or "allowWatchBookmarks" or "sendInitialEvents" ? "boolean" : "string",
            ["uniqueItems"] = true,
        },
    };
}
