using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Validation;

namespace ControlPlane.Api.Machinery.Schema;

/// <summary>Checks a tree against a schema and reports every violation, in the words Kubernetes uses.</summary>
public static class SchemaValidator
{
    /// <param name="node">The value; null is JSON null.</param>
    /// <param name="schema">What it must satisfy.</param>
    /// <param name="path">Where the value stands in the object; <see cref="FieldPath.Root"/> for a whole object.</param>
    /// <param name="errors">Receives one entry per violation.</param>
    public static void Validate(JsonNode? node, ResourceSchema schema, FieldPath path, List<FieldError> errors) =>
        new Walker(new FieldTrail(path.ToString()), errors).Value(node, schema);

    private sealed class Walker(FieldTrail trail, List<FieldError> errors)
    {
        public void Value(JsonNode? node, ResourceSchema schema)
        {
            if (node is null && schema.Nullable)
                return;
            var kind = JsonTree.KindOf(node);
            if (!HasType(node, kind, schema))
            {
                ReportType(kind, schema);
                return;
            }
            switch (kind)
            {
                case JsonValueKind.Object:
                    Object((JsonObject)node!, schema);
                    break;
                case JsonValueKind.Array:
                    Array((JsonArray)node!, schema);
                    break;
                case JsonValueKind.String:
                    ScalarChecks.Text((JsonValue)node!, schema, trail, errors);
                    break;
                case JsonValueKind.Number:
                    ScalarChecks.Number((JsonValue)node!, schema, trail, errors);
                    break;
            }
            Enumeration(node, schema);
            Combinations(node, schema);
        }

        private static bool HasType(JsonNode? node, JsonValueKind kind, ResourceSchema schema)
        {
            if (schema.IntOrString)
                return kind == JsonValueKind.String || (kind == JsonValueKind.Number && JsonNumbers.TryGetInt64(node, out _));
            return schema.Type switch
            {
                SchemaType.Object => kind == JsonValueKind.Object,
                SchemaType.Array => kind == JsonValueKind.Array,
                SchemaType.String => kind == JsonValueKind.String,
                SchemaType.Boolean => kind is JsonValueKind.True or JsonValueKind.False,
                SchemaType.Number => kind == JsonValueKind.Number,
                SchemaType.Integer => kind == JsonValueKind.Number && JsonNumbers.TryGetInt64(node, out _),
                _ => true,
            };
        }

        private void ReportType(JsonValueKind kind, ResourceSchema schema)
        {
            var actual = kind switch
            {
                JsonValueKind.Object => "object",
                JsonValueKind.Array => "array",
                JsonValueKind.String => "string",
                JsonValueKind.True or JsonValueKind.False => "boolean",
                JsonValueKind.Number => "number",
                _ => "null",
            };
            var expected = schema.IntOrString ? "integer,string" : schema.Type.ToString().ToLowerInvariant();
            Report(FieldErrorType.TypeInvalid, actual, $"{trail} in body must be of type {expected}: \"{actual}\"");
        }

        private void Object(JsonObject node, ResourceSchema schema)
        {
            foreach (var name in schema.Required)
            {
                if (node.ContainsKey(name))
                    continue;
                trail.PushField(name);
                errors.Add(new FieldError(FieldErrorType.Required, trail.ToString(), null, ""));
                trail.Pop();
            }
            if (node.Count < schema.MinProperties)
                Report(FieldErrorType.Invalid, node.DeepClone(), $"{trail} in body should have at least {schema.MinProperties} properties");
            if (node.Count > schema.MaxProperties)
                errors.Add(FieldError.TooMany(trail.ToString(), node.Count, schema.MaxProperties.Value));
            foreach (var (name, value) in node)
            {
                if (schema.Properties.TryGet(name, out var declared))
                    Field(value, declared, name);
                else if (schema.AdditionalProperties is { } additional)
                    Entry(value, additional, name);
            }
        }

        private void Field(JsonNode? value, ResourceSchema schema, string name)
        {
            trail.PushField(name);
            Value(value, schema);
            trail.Pop();
        }

        private void Entry(JsonNode? value, ResourceSchema schema, string key)
        {
            trail.PushKey(key);
            Value(value, schema);
            trail.Pop();
        }

        private void Array(JsonArray node, ResourceSchema schema)
        {
            if (node.Count < schema.MinItems)
                Report(FieldErrorType.Invalid, node.DeepClone(), $"{trail} in body should have at least {schema.MinItems} items");
            if (node.Count > schema.MaxItems)
                errors.Add(FieldError.TooMany(trail.ToString(), node.Count, schema.MaxItems.Value));
            if (schema.Items is { } itemSchema)
            {
                for (var i = 0; i < node.Count; i++)
                {
                    trail.PushIndex(i);
                    Value(node[i], itemSchema);
                    trail.Pop();
                }
            }
            ListUniqueness.Check(node, schema, trail, errors);
        }

        private void Enumeration(JsonNode? node, ResourceSchema schema)
        {
            if (schema.Enum.Count == 0)
                return;
            foreach (var allowed in schema.Enum)
            {
                if (JsonTree.DeepEquals(allowed, node))
                    return;
            }
            var supported = schema.Enum.Select(value => JsonTree.AsString(value) ?? value?.ToJsonString() ?? "null");
            Report(FieldErrorType.NotSupported, node?.DeepClone(), FieldError.SupportedValues(supported));
        }

        private void Combinations(JsonNode? node, ResourceSchema schema)
        {
            foreach (var part in schema.AllOf)
                Value(node, part);
            if (schema.AnyOf.Count > 0 && CountMatches(node, schema.AnyOf) == 0)
                ReportCombination(node, "must validate at least one schema (anyOf)");
            if (schema.OneOf.Count > 0 && CountMatches(node, schema.OneOf) is var matches && matches != 1)
                ReportCombination(node, "must validate one and only one schema (oneOf). " + (matches == 0 ? "Found none valid" : $"Found {matches} valid alternatives"));
            if (schema.Not is { } not && Matches(node, not))
                ReportCombination(node, "must not validate the schema (not)");
        }

        private static int CountMatches(JsonNode? node, IReadOnlyList<ResourceSchema> schemas)
        {
            var count = 0;
            foreach (var schema in schemas)
                count += Matches(node, schema) ? 1 : 0;
            return count;
        }

        private static bool Matches(JsonNode? node, ResourceSchema schema)
        {
            var found = new List<FieldError>();
            new Walker(new FieldTrail(), found).Value(node, schema);
            return found.Count == 0;
        }

        private void ReportCombination(JsonNode? node, string rule) =>
            Report(FieldErrorType.Invalid, node?.DeepClone(), $"\"{trail}\" {rule}");

        private void Report(FieldErrorType type, JsonNode? value, string detail) =>
            errors.Add(new FieldError(type, trail.ToString(), value, detail));
    }
}
