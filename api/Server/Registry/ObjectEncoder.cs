using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Api.Server.Definitions;

namespace ControlPlane.Api.Server.Registry;

/// <summary>Object trees to canonical bytes: apiVersion, kind and metadata first, no resourceVersion, no white space.</summary>
internal static class ObjectEncoder
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    public static byte[] Encode(JsonObject tree, ResourceDefinition definition) => Encode(tree, definition.ApiVersion, definition.Kind);

    public static byte[] Encode(JsonObject tree, string apiVersion, string kind)
    {
        var buffer = _buffer ??= new ArrayBufferWriter<byte>(8192);
        buffer.ResetWrittenCount();
        var writer = _writer ??= new Utf8JsonWriter(buffer, Options);
        writer.Reset(buffer);
        writer.WriteStartObject();
        writer.WriteString("apiVersion"u8, apiVersion);
        writer.WriteString("kind"u8, kind);
        WriteMetadata(writer, tree["metadata"] as JsonObject ?? []);
        foreach (var (name, value) in tree)
        {
            if (name is "apiVersion" or "kind" or "metadata")
                continue;
            writer.WritePropertyName(name);
            Write(writer, value);
        }
        writer.WriteEndObject();
        writer.Flush();
        var bytes = buffer.WrittenSpan.ToArray();
        if (buffer.Capacity > 1 << 20)
        {
            // One huge object must not pin its buffer to the thread.
            _buffer = null;
            _writer = null;
        }
        return bytes;
    }

    private static void WriteMetadata(Utf8JsonWriter writer, JsonObject metadata)
    {
        writer.WriteStartObject("metadata"u8);
        foreach (var (name, value) in metadata)
        {
            if (name is "resourceVersion" or "selfLink" || value is null)
                continue;
            writer.WritePropertyName(name);
            Write(writer, value);
        }
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, JsonNode? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case JsonObject members:
                writer.WriteStartObject();
                foreach (var (name, member) in members)
                {
                    writer.WritePropertyName(name);
                    Write(writer, member);
                }
                writer.WriteEndObject();
                break;
            case JsonArray items:
                writer.WriteStartArray();
                foreach (var item in items)
                    Write(writer, item);
                writer.WriteEndArray();
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }
}
