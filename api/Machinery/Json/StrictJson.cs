using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Validation;

namespace ControlPlane.Api.Machinery.Json;

/// <summary>UTF-8 JSON to an object tree in one pass. The platform's reader either hides duplicate fields or stops at the first; this
/// one reports the path of each. Integers stay exact, depth is bounded.</summary>
public static class StrictJson
{
    /// <summary>Deeper documents are refused before they can exhaust a stack.</summary>
    public const int MaxDepth = 100;

    /// <exception cref="DecodeException">The text is not one JSON value, holds a number no double can hold, or is nested too deeply.</exception>
    public static ParsedDocument Parse(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            reader.Read();
            var walker = new Walker();
            var root = walker.ReadValue(ref reader);
            // A second Read throws on anything but trailing white space.
            reader.Read();
            return new ParsedDocument(root, walker.Duplicates ?? (IReadOnlyList<string>)[]);
        }
        catch (JsonException e)
        {
            throw new DecodeException(e.Message, e);
        }
        catch (InvalidOperationException e)
        {
            // The reader's way to say that a string is not valid UTF-8 or holds half a surrogate pair.
            throw new DecodeException(e.Message, e);
        }
    }

    /// <summary>Parses a document whose root must be an object.</summary>
    /// <exception cref="DecodeException">As <see cref="Parse"/>, or the root is not an object.</exception>
    public static JsonObject ParseObject(ReadOnlySpan<byte> utf8) =>
        Parse(utf8).Root as JsonObject ?? throw new DecodeException("the document is not a JSON object");

    private sealed class Walker
    {
        private readonly FieldTrail _trail = new();

        public List<string>? Duplicates { get; private set; }

        public JsonNode? ReadValue(ref Utf8JsonReader reader) => reader.TokenType switch
        {
            JsonTokenType.StartObject => ReadObject(ref reader),
            JsonTokenType.StartArray => ReadArray(ref reader),
            JsonTokenType.String => JsonValue.Create(reader.GetString()!),
            JsonTokenType.Number => ReadNumber(ref reader),
            JsonTokenType.True => JsonValue.Create(true),
            JsonTokenType.False => JsonValue.Create(false),
            JsonTokenType.Null => null,
            _ => throw new DecodeException($"unexpected {reader.TokenType}"),
        };

        private JsonObject ReadObject(ref Utf8JsonReader reader)
        {
            var node = new JsonObject();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                var name = reader.ValueIsEscaped ? reader.GetString()! : NameTable.Get(reader.ValueSpan);
                reader.Read();
                _trail.PushField(name);
                var value = ReadValue(ref reader);
                if (!node.TryAdd(name, value))
                {
                    ReportDuplicate();
                    node[name] = value;
                }
                _trail.Pop();
            }
            return node;
        }

        private JsonArray ReadArray(ref Utf8JsonReader reader)
        {
            var node = new JsonArray();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                _trail.PushIndex(node.Count);
                node.Add(ReadValue(ref reader));
                _trail.Pop();
            }
            return node;
        }

        private void ReportDuplicate()
        {
            var path = _trail.ToString();
            Duplicates ??= [];
            if (!Duplicates.Contains(path))
                Duplicates.Add(path);
        }

        private JsonValue ReadNumber(ref Utf8JsonReader reader)
        {
            if (reader.TryGetInt64(out var integer))
                return JsonValue.Create(integer);
            if (reader.TryGetDouble(out var real) && double.IsFinite(real))
                return JsonNumbers.FromDouble(real);
            var digits = Encoding.UTF8.GetString(reader.ValueSpan[..Math.Min(reader.ValueSpan.Length, 40)]);
            throw new DecodeException(string.Create(CultureInfo.InvariantCulture, $"{_trail}: number {digits} is out of range"));
        }
    }
}
