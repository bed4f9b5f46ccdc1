using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Validation;

namespace ControlPlane.Api.Machinery.Schema;

/// <summary>Fields a schema does not know: listed for strict decoding, removed before storing.</summary>
public static class UnknownFields
{
    /// <summary>Adds the full path of every unknown field to <paramref name="found"/>; the object is left alone.</summary>
    public static void Find(JsonObject root, ResourceSchema schema, List<string> found) => new Walker(found, Remove: false).Object(root, schema);

    /// <summary>Removes every unknown field, and lists their paths if asked to.</summary>
    public static void Prune(JsonObject root, ResourceSchema schema, List<string>? found = null) =>
        new Walker(found, Remove: true).Object(root, schema);

    private sealed record Walker(List<string>? Found, bool Remove)
    {
        private readonly FieldTrail _trail = new();

        public void Object(JsonObject node, ResourceSchema schema)
        {
            List<string>? unknown = null;
            foreach (var (name, value) in node)
            {
                var field = schema.Field(name);
                if (field is null)
                {
                    if (!schema.IsOpaque && !(schema.EmbeddedResource && name is "apiVersion" or "kind" or "metadata"))
                        (unknown ??= []).Add(name);
                    continue;
                }
                _trail.PushField(name);
                Inside(value, field);
                _trail.Pop();
            }
            if (unknown is not null)
                Handle(node, unknown);
        }

        private void Inside(JsonNode? value, ResourceSchema schema)
        {
            switch (value)
            {
                case JsonObject child:
                    Object(child, schema);
                    break;
                case JsonArray items when schema.Items is { } itemSchema:
                    for (var i = 0; i < items.Count; i++)
                    {
                        if (items[i] is not { } item)
                            continue;
                        _trail.PushIndex(i);
                        Inside(item, itemSchema);
                        _trail.Pop();
                    }
                    break;
            }
        }

        private void Handle(JsonObject node, List<string> unknown)
        {
            foreach (var name in unknown)
            {
                if (Found is not null)
                {
                    _trail.PushField(name);
                    Found.Add(_trail.ToString());
                    _trail.Pop();
                }
                if (Remove)
                    node.Remove(name);
            }
        }
    }
}
