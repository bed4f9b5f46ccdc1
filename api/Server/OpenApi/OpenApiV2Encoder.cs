using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Server.OpenApi.V2;
using Google.Protobuf;

namespace ControlPlane.Api.Server.OpenApi;

// Inside the namespace, where these names mean others.
using Schema = ControlPlane.Api.Server.OpenApi.V2.Schema;
using Type = ControlPlane.Api.Server.OpenApi.V2.Type;

/// <summary>Our OpenAPI 2 documents from JSON to protobuf.</summary>
internal static class OpenApiV2Encoder
{
    public static byte[] Encode(JsonObject document)
    {
        var encoded = new Document
        {
            Swagger = document.GetString("swagger"),
            Info = new Info { Title = document.GetObject("info")!.GetString("title"), Version = document.GetObject("info")!.GetString("version") },
            Paths = new Paths(),
            Definitions = new V2.Definitions(),
        };
        foreach (var (name, item) in document.GetObject("paths")!)
            encoded.Paths.Path.Add(new NamedPathItem { Name = name, Value = PathOf(item!.AsObject()) });
        foreach (var (name, schema) in document.GetObject("definitions")!)
            encoded.Definitions.AdditionalProperties.Add(new NamedSchema { Name = name, Value = SchemaOf(schema!.AsObject()) });
        return encoded.ToByteArray();
    }

    private static PathItem PathOf(JsonObject item)
    {
        var path = new PathItem
        {
            Get = OperationOf(item.GetObject("get")),
            Put = OperationOf(item.GetObject("put")),
            Post = OperationOf(item.GetObject("post")),
            Delete = OperationOf(item.GetObject("delete")),
            Patch = OperationOf(item.GetObject("patch")),
        };
        path.Parameters.AddRange(ParametersOf(item));
        return path;
    }

    private static Operation? OperationOf(JsonObject? node)
    {
        if (node is null)
            return null;
        var operation = new Operation { OperationId = node.GetString("operationId") ?? "", Responses = new Responses() };
        operation.Produces.AddRange(Texts(node, "produces"));
        operation.Consumes.AddRange(Texts(node, "consumes"));
        operation.Parameters.AddRange(ParametersOf(node));
        foreach (var (code, response) in node.GetObject("responses") ?? [])
        {
            operation.Responses.ResponseCode.Add(new NamedResponse
            {
                Name = code,
                Value = new ResponseValue { Response = new Response { Description = "OK", Schema = new SchemaItem { Schema = SchemaOf(response!.AsObject().GetObject("schema")!) } } },
            });
        }
        operation.VendorExtension.AddRange(Extensions(node));
        return operation;
    }

    private static IEnumerable<ParametersItem> ParametersOf(JsonObject owner) => (owner.GetArray("parameters") ?? []).OfType<JsonObject>().Select(p => new ParametersItem
    {
        Parameter = ParameterOf(p, p.GetString("name")!, p.GetString("in")!, p["required"] is JsonValue flag && flag.TryGetValue(out bool required) && required),
    });

    private static Parameter ParameterOf(JsonObject node, string name, string place, bool required) => place switch
    {
        "body" => new Parameter { BodyParameter = new BodyParameter { Name = name, In = place, Required = required, Schema = SchemaOf(node.GetObject("schema")!) } },
        "path" => new Parameter
        {
            NonBodyParameter = new NonBodyParameter
            {
                PathParameterSubSchema = new PathParameter { Name = name, In = place, Required = required, Type = node.GetString("type") ?? "string", UniqueItems = true },
            },
        },
        _ => new Parameter
        {
            NonBodyParameter = new NonBodyParameter
            {
                QueryParameterSubSchema = new QueryParameter { Name = name, In = place, Required = required, Type = node.GetString("type") ?? "string", UniqueItems = true },
            },
        },
    };

    private static Schema SchemaOf(JsonObject node)
    {
        var schema = new Schema
        {
            Ref = node.GetString("$ref") ?? "",
            Format = node.GetString("format") ?? "",
            Description = node.GetString("description") ?? "",
            Pattern = node.GetString("pattern") ?? "",
            MultipleOf = Number(node, "multipleOf"),
            Maximum = Number(node, "maximum"),
            Minimum = Number(node, "minimum"),
            ExclusiveMaximum = node.ContainsKey("exclusiveMaximum"),
            ExclusiveMinimum = node.ContainsKey("exclusiveMinimum"),
            MaxLength = (long)Number(node, "maxLength"),
            MinLength = (long)Number(node, "minLength"),
            MaxItems = (long)Number(node, "maxItems"),
            MinItems = (long)Number(node, "minItems"),
            MaxProperties = (long)Number(node, "maxProperties"),
            MinProperties = (long)Number(node, "minProperties"),
        };
        if (node["default"] is { } @default)
            schema.Default = AnyOf(@default);
        if (node.GetString("type") is { } type)
            schema.Type = new Type { Value = { type } };
        schema.Required.AddRange(Texts(node, "required"));
        schema.Enum.AddRange((node.GetArray("enum") ?? []).Select(v => AnyOf(v)));
        Children(node, schema);
        schema.VendorExtension.AddRange(Extensions(node));
        return schema;
    }

    private static void Children(JsonObject node, Schema schema)
    {
        if (node.GetObject("additionalProperties") is { } values)
            schema.AdditionalProperties = new AdditionalProperties { Schema = SchemaOf(values) };
        if (node.GetObject("items") is { } items)
            schema.Items = new Items { Schema = { SchemaOf(items) } };
        if (node.GetObject("properties") is not { } properties)
            return;
        schema.Properties = new Properties();
        foreach (var (name, property) in properties)
            schema.Properties.AdditionalProperties.Add(new NamedSchema { Name = name, Value = SchemaOf(property!.AsObject()) });
    }

    private static IEnumerable<NamedAny> Extensions(JsonObject node) =>
        node.Where(p => p.Key.StartsWith("x-", StringComparison.Ordinal) && p.Value is not null).Select(p => new NamedAny { Name = p.Key, Value = AnyOf(p.Value) });

    private static Any AnyOf(JsonNode? value) => new() { Yaml = (value?.ToJsonString() ?? "null") + "\n" };

    private static IEnumerable<string> Texts(JsonObject node, string name) => (node.GetArray(name) ?? []).Select(JsonTree.AsString).OfType<string>();

    private static double Number(JsonObject node, string name) => JsonNumbers.TryGetDouble(node[name], out var number) ? number : 0;
}
