using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using Google.Protobuf;

namespace ControlPlane.Api.Server.Protobuf;

/// <summary>
/// Request bodies in Kubernetes' protobuf form to object trees: <c>"k8s\0"</c>, then an envelope
/// <c>{1: {1: apiVersion, 2: kind}, 2: message}</c>.
/// </summary>
internal static class ProtobufDecoder
{
    public const string MediaType = "application/vnd.kubernetes.protobuf";
    private const int MaxDepth = 20;

    private static ReadOnlySpan<byte> Magic => "k8s\0"u8;

    /// <exception cref="DecodeException">Not such a body.</exception>
    /// <exception cref="NotSupportedException">A body of a kind whose message is not known.</exception>
    public static JsonObject Decode(ReadOnlyMemory<byte> body)
    {
        if (!body.Span.StartsWith(Magic))
            throw new DecodeException("the body does not begin as Kubernetes' protobuf does");
        try
        {
            return ReadEnvelope(new CodedInputStream(body[Magic.Length..].ToArray()));
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new DecodeException("the body is no valid protobuf: " + error.Message, error);
        }
    }

    private static JsonObject ReadEnvelope(CodedInputStream input)
    {
        string apiVersion = "", kind = "";
        var raw = ByteString.Empty;
        uint tag;
        while ((tag = input.ReadTag()) != 0)
        {
            switch (WireFormat.GetTagFieldNumber(tag))
            {
                case 1:
                    (apiVersion, kind) = ReadTypeMeta(input.ReadBytes().CreateCodedInput());
                    break;
                case 2:
                    raw = input.ReadBytes();
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }
        var fields = MessageCatalog.Find(kind) ?? throw new NotSupportedException($"kind {kind} is not read from protobuf");
        var tree = ReadMessage(raw.CreateCodedInput(), fields, 0);
        tree.Insert(0, "apiVersion", apiVersion);
        tree.Insert(1, "kind", kind);
        return tree;
    }

    private static (string ApiVersion, string Kind) ReadTypeMeta(CodedInputStream input)
    {
        string apiVersion = "", kind = "";
        uint tag;
        while ((tag = input.ReadTag()) != 0)
        {
            switch (WireFormat.GetTagFieldNumber(tag))
            {
                case 1:
                    apiVersion = input.ReadString();
                    break;
                case 2:
                    kind = input.ReadString();
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }
        return (apiVersion, kind);
    }

    private static JsonObject ReadMessage(CodedInputStream input, FrozenDictionary<int, FieldInfo> fields, int depth)
    {
        if (depth > MaxDepth)
            throw new DecodeException("the message is nested too deeply");
        var message = new JsonObject();
        uint tag;
        while ((tag = input.ReadTag()) != 0)
        {
            if (!fields.TryGetValue(WireFormat.GetTagFieldNumber(tag), out var field))
                input.SkipLastField();
            else if (field.IsMap)
                ReadEntry(input.ReadBytes().CreateCodedInput(), field, ObjectOf(message, field.Name), depth);
            else if (field.IsRepeated)
                ArrayOf(message, field.Name).Add(ReadValue(input, field, depth) ?? new JsonObject());
            else if (ReadValue(input, field, depth) is { } value && (field.KeepsZero || !IsZero(value)))
                message[field.Name] = value;
        }
        return message;
    }

    private static void ReadEntry(CodedInputStream input, FieldInfo field, JsonObject map, int depth)
    {
        var key = "";
        JsonNode? value = null;
        uint tag;
        while ((tag = input.ReadTag()) != 0)
        {
            switch (WireFormat.GetTagFieldNumber(tag))
            {
                case 1:
                    key = input.ReadString();
                    break;
                case 2:
                    value = ReadValue(input, field, depth);
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }
        map[key] = value ?? (field.Type is FieldType.Strings ? new JsonArray() : "");
    }

    private static JsonNode? ReadValue(CodedInputStream input, FieldInfo field, int depth) => field.Type switch
    {
        FieldType.Text => input.ReadString(),
        FieldType.Flag => input.ReadBool(),
        FieldType.Integer => input.ReadInt64(),
        FieldType.Bytes => Convert.ToBase64String(input.ReadBytes().Span),
        FieldType.Time => ReadTime(input.ReadBytes().CreateCodedInput(), "yyyy-MM-dd'T'HH:mm:ss'Z'"),
        FieldType.MicroTime => ReadTime(input.ReadBytes().CreateCodedInput(), "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'"),
        FieldType.RawJson => ReadRaw(input.ReadBytes().CreateCodedInput()),
        FieldType.Strings => ReadStrings(input.ReadBytes().CreateCodedInput()),
        _ => ReadMessage(input.ReadBytes().CreateCodedInput(), MessageCatalog.Find(field.Message!)!, depth + 1),
    };

    /// <summary>An empty message is no time.</summary>
    private static JsonValue? ReadTime(CodedInputStream input, string format)
    {
        long? seconds = null;
        var nanos = 0;
        uint tag;
        while ((tag = input.ReadTag()) != 0)
        {
            switch (WireFormat.GetTagFieldNumber(tag))
            {
                case 1:
                    seconds = input.ReadInt64();
                    break;
                case 2:
                    nanos = input.ReadInt32();
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }
        if (seconds is not { } value)
            return null;
        if (value < DateTimeOffset.MinValue.ToUnixTimeSeconds() || value > DateTimeOffset.MaxValue.ToUnixTimeSeconds())
            throw new DecodeException($"{value} is no time");
        return JsonValue.Create(DateTimeOffset.FromUnixTimeSeconds(value).AddTicks(nanos / 100).UtcDateTime.ToString(format, CultureInfo.InvariantCulture));
    }

    private static JsonNode? ReadRaw(CodedInputStream input)
    {
        JsonNode? json = null;
        uint tag;
        while ((tag = input.ReadTag()) != 0)
        {
            if (WireFormat.GetTagFieldNumber(tag) == 1)
                json = StrictJson.Parse(input.ReadBytes().Span).Root;
            else
                input.SkipLastField();
        }
        return json;
    }

    private static JsonArray ReadStrings(CodedInputStream input)
    {
        var items = new JsonArray();
        uint tag;
        while ((tag = input.ReadTag()) != 0)
        {
            if (WireFormat.GetTagFieldNumber(tag) == 1)
                items.Add(input.ReadString());
            else
                input.SkipLastField();
        }
        return items;
    }

    private static bool IsZero(JsonNode value) => value switch
    {
        JsonObject members => members.Count == 0,
        JsonValue scalar => (scalar.TryGetValue(out string? text) && text.Length == 0) || (scalar.TryGetValue(out bool flag) && !flag)
            || (scalar.TryGetValue(out long number) && number == 0),
        _ => false,
    };

    private static JsonObject ObjectOf(JsonObject owner, string name)
    {
        if (owner[name] is not JsonObject child)
            owner[name] = child = [];
        return child;
    }

    private static JsonArray ArrayOf(JsonObject owner, string name)
    {
        if (owner[name] is not JsonArray child)
            owner[name] = child = [];
        return child;
    }
}
