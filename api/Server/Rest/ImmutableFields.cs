using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Schema;
using ControlPlane.Api.Machinery.Validation;

namespace ControlPlane.Api.Server.Rest;

/// <summary>Fields that keep the value they were created with.</summary>
internal static class ImmutableFields
{
    private const string Message = "field is immutable";

    public static void Check(JsonObject proposed, JsonObject live, ResourceSchema schema, List<FieldError> errors) =>
        Check(proposed, live, schema, FieldPath.Root, errors);

    private static void Check(JsonObject proposed, JsonObject live, ResourceSchema schema, FieldPath path, List<FieldError> errors)
    {
        foreach (var (name, field) in schema.Properties.Ordered)
        {
            if (name is "metadata" or "status")
                continue;
            var before = live[name];
            var after = proposed[name];
            if (field.Immutable && before is not null && !JsonTree.DeepEquals(before, after))
                errors.Add(FieldError.Invalid(path.Child(name), after?.DeepClone(), Message));
            else if (before is JsonObject oldPart && after is JsonObject newPart && field.Properties.Count > 0)
                Check(newPart, oldPart, field, path.Child(name), errors);
        }
    }
}
