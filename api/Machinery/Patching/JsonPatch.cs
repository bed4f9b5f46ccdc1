using System.Globalization;
using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;

namespace ControlPlane.Api.Machinery.Patching;

/// <summary>RFC 6902: a list of operations, applied in order, all or nothing.</summary>
public sealed class JsonPatch
{
    /// <summary>The most operations one patch may hold.</summary>
    public const int MaxOperations = 10_000;

    /// <summary>The most bytes that all copy operations of one patch may produce, so that doubling copies cannot exhaust memory.</summary>
    public const int MaxCopiedBytes = 3 * 1024 * 1024;

    private readonly Operation[] _operations;

    private JsonPatch(Operation[] operations) => _operations = operations;

    /// <exception cref="PatchException">The document is not a JSON patch, or has too many operations.</exception>
    public static JsonPatch Parse(JsonNode? document)
    {
        if (document is not JsonArray items)
            throw new PatchException(PatchFault.Malformed, "a JSON patch is an array of operations");
        if (items.Count > MaxOperations)
        {
            throw new PatchException(
                PatchFault.TooLarge,
                string.Create(CultureInfo.InvariantCulture, $"The allowed maximum operations in a JSON patch is {MaxOperations}, got {items.Count}"));
        }
        var operations = new Operation[items.Count];
        for (var i = 0; i < operations.Length; i++)
            operations[i] = ParseOperation(items[i], i);
        return new JsonPatch(operations);
    }

    /// <summary>The patched tree; the document is not changed.</summary>
    /// <exception cref="PatchException">An operation does not apply.</exception>
    public JsonNode? Apply(JsonNode? document)
    {
        var root = document?.DeepClone();
        var copied = 0L;
        foreach (var operation in _operations)
            root = Apply(root, operation, ref copied);
        return root;
    }

    private static Operation ParseOperation(JsonNode? node, int position)
    {
        if (node is not JsonObject fields)
            throw Malformed(position, "is not an object");
        var name = fields.GetString("op") ?? throw Malformed(position, "has no op");
        var path = JsonPointer.Parse(fields.GetString("path") ?? throw Malformed(position, "has no path"));
        JsonPointer? from = null;
        switch (name)
        {
            case "add" or "replace" or "test":
                if (!fields.ContainsKey("value"))
                    throw Malformed(position, "has no value");
                break;
            case "move" or "copy":
                from = JsonPointer.Parse(fields.GetString("from") ?? throw Malformed(position, "has no from"));
                break;
            case "remove":
                break;
            default:
                throw Malformed(position, $"has the unknown op \"{name}\"");
        }
        return new Operation(name, path, from, fields["value"]);
    }

    private static PatchException Malformed(int position, string problem) =>
        new(PatchFault.Malformed, string.Create(CultureInfo.InvariantCulture, $"operation {position} {problem}"));

    private static JsonNode? Apply(JsonNode? root, Operation operation, ref long copied)
    {
        switch (operation.Name)
        {
            case "add":
                return Add(root, operation.Path, operation.Value?.DeepClone(), operation.Name);
            case "remove":
                return Remove(root, operation.Path, operation.Name, out _);
            case "replace":
                return Replace(root, operation.Path, operation.Value?.DeepClone());
            case "move":
                return Move(root, operation);
            case "copy":
                return Copy(root, operation, ref copied);
            default:
                Test(root, operation);
                return root;
        }
    }

    private static JsonNode? Add(JsonNode? root, JsonPointer path, JsonNode? value, string operation)
    {
        if (path.IsRoot)
            return value;
        switch (path.FindParent(root, operation))
        {
            case JsonObject fields:
                fields[path.LastToken] = value;
                break;
            case JsonArray items:
                items.Insert(path.ParseIndex(path.LastToken, items.Count, mayAppend: true), value);
                break;
        }
        return root;
    }

    private static JsonNode? Remove(JsonNode? root, JsonPointer path, string operation, out JsonNode? removed)
    {
        removed = root;
        if (path.IsRoot)
            return null;
        switch (path.FindParent(root, operation))
        {
            case JsonObject fields:
                if (!fields.TryGetPropertyValue(path.LastToken, out removed))
                    throw path.Missing(operation);
                fields.Remove(path.LastToken);
                break;
            case JsonArray items:
                var index = path.ParseIndex(path.LastToken, items.Count, mayAppend: false);
                removed = items[index];
                items.RemoveAt(index);
                break;
        }
        return root;
    }

    private static JsonNode? Replace(JsonNode? root, JsonPointer path, JsonNode? value)
    {
        if (path.IsRoot)
            return value;
        switch (path.FindParent(root, "replace"))
        {
            case JsonObject fields:
                if (!fields.ContainsKey(path.LastToken))
                    throw path.Missing("replace");
                fields[path.LastToken] = value;
                break;
            case JsonArray items:
                items[path.ParseIndex(path.LastToken, items.Count, mayAppend: false)] = value;
                break;
        }
        return root;
    }

    private static JsonNode? Move(JsonNode? root, Operation operation)
    {
        var from = operation.From!;
        if (from.IsRoot || from.IsPrefixOf(operation.Path))
            throw new PatchException(PatchFault.NotApplicable, $"move operation does not apply: \"{from}\" cannot move into itself");
        var without = Remove(root, from, "move", out var moved);
        return Add(without, operation.Path, moved, "move");
    }

    private static JsonNode? Copy(JsonNode? root, Operation operation, ref long copied)
    {
        var value = operation.From!.FindValue(root, "copy");
        copied += value is null ? 4 : value.ToJsonString().Length;
        if (copied > MaxCopiedBytes)
        {
            throw new PatchException(
                PatchFault.TooLarge,
                string.Create(CultureInfo.InvariantCulture, $"the copy operations of a JSON patch may produce at most {MaxCopiedBytes} bytes"));
        }
        return Add(root, operation.Path, value?.DeepClone(), "copy");
    }

    private static void Test(JsonNode? root, Operation operation)
    {
        if (!JsonTree.DeepEquals(operation.Path.FindValue(root, "test"), operation.Value))
            throw new PatchException(PatchFault.NotApplicable, $"testing value {operation.Path} failed: test failed");
    }

    private sealed record Operation(string Name, JsonPointer Path, JsonPointer? From, JsonNode? Value);
}
