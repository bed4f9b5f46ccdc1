using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Validation;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ControlPlane.Api.Machinery.Yaml;

/// <summary>YAML to object trees, with the meaning kubectl gives it. Depth and the expansion of aliases are bounded, so a small hostile
/// document cannot become a large tree.</summary>
public static class YamlReader
{
    /// <summary>Nodes that aliases may add to one stream.</summary>
    public const int MaxAliasedNodes = 100_000;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a stream of exactly one document; JSON is YAML too, and is read by the faster reader.</summary>
    /// <exception cref="DecodeException">The text is not YAML, holds several documents, or exceeds a limit.</exception>
    public static YamlDocument Read(ReadOnlySpan<byte> utf8)
    {
        if (TryReadJson(utf8) is { } json)
            return json;
        var documents = ReadAll(utf8);
        return documents.Count switch
        {
            0 => new YamlDocument(null, []),
            1 => documents[0],
            _ => throw new DecodeException(string.Create(CultureInfo.InvariantCulture, $"expected one document, found {documents.Count}")),
        };
    }

    /// <summary>Reads every document of a stream. Documents with nothing in them are kept, with a null root.</summary>
    /// <exception cref="DecodeException">The text is not YAML, or exceeds a limit.</exception>
    public static IReadOnlyList<YamlDocument> ReadAll(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var parser = new Parser(new StringReader(StrictUtf8.GetString(utf8)));
            return new StreamReader(parser).Read();
        }
        catch (YamlException e)
        {
            throw new DecodeException(string.Create(CultureInfo.InvariantCulture, $"yaml: line {e.Start.Line}: {e.Message}"), e);
        }
        catch (DecoderFallbackException e)
        {
            throw new DecodeException("yaml: the text is not valid UTF-8", e);
        }
    }

    private static YamlDocument? TryReadJson(ReadOnlySpan<byte> utf8)
    {
        if (!utf8.TrimStart(" \t\r\n"u8).StartsWith("{"u8))
            return null;
        try
        {
            var document = StrictJson.Parse(utf8);
            // Duplicates are reported by line, which only the YAML reader knows.
            return document.DuplicateFields.Count == 0 ? new YamlDocument(document.Root, []) : null;
        }
        catch (DecodeException)
        {
            // A flow mapping that is not JSON: {a: 1}. The YAML reader decides, and words the error.
            return null;
        }
    }

    private sealed class StreamReader(IParser parser)
    {
        private readonly FieldTrail _trail = new();
        private Dictionary<AnchorName, JsonNode?> _anchors = [];
        private List<YamlDuplicate> _duplicates = [];
        private int _depth;
        private int _aliasedNodes;

        public List<YamlDocument> Read()
        {
            var documents = new List<YamlDocument>();
            parser.Consume<StreamStart>();
            while (!parser.Accept<StreamEnd>(out _))
            {
                parser.Consume<DocumentStart>();
                _anchors = [];
                _duplicates = [];
                documents.Add(new YamlDocument(ReadNode(), _duplicates));
                parser.Consume<DocumentEnd>();
            }
            return documents;
        }

        private JsonNode? ReadNode()
        {
            if (parser.TryConsume<AnchorAlias>(out var alias))
                return Expand(alias);
            if (parser.TryConsume<Scalar>(out var scalar))
                return Remember(scalar.Anchor, ReadScalar(scalar));
            if (++_depth > StrictJson.MaxDepth)
                throw new DecodeException(string.Create(CultureInfo.InvariantCulture, $"yaml: exceeded max depth of {StrictJson.MaxDepth}"));
            JsonNode node = parser.TryConsume<SequenceStart>(out var sequence)
                ? ReadSequence(sequence)
                : ReadMapping(parser.Consume<MappingStart>());
            _depth--;
            return node;
        }

        private static JsonNode? ReadScalar(Scalar scalar)
        {
            var tag = scalar.Tag.IsEmpty || scalar.Tag.IsNonSpecific ? null : scalar.Tag.Value;
            try
            {
                return YamlScalar.Resolve(scalar.Value, tag, scalar.Style is ScalarStyle.Plain or ScalarStyle.Any);
            }
            catch (DecodeException e)
            {
                throw new DecodeException(string.Create(CultureInfo.InvariantCulture, $"yaml: line {scalar.Start.Line}: {e.Message}"), e);
            }
        }

        private JsonArray ReadSequence(SequenceStart start)
        {
            var items = new JsonArray();
            while (!parser.TryConsume<SequenceEnd>(out _))
            {
                _trail.PushIndex(items.Count);
                items.Add(ReadNode());
                _trail.Pop();
            }
            Remember(start.Anchor, items);
            return items;
        }

        private JsonObject ReadMapping(MappingStart start)
        {
            var fields = new JsonObject();
            List<JsonNode?>? merges = null;
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                var line = parser.Current!.Start.Line;
                if (parser.Accept<Scalar>(out var key) && key is { Value: "<<", Style: ScalarStyle.Plain })
                {
                    parser.MoveNext();
                    (merges ??= []).Add(ReadNode());
                    continue;
                }
                var name = ReadKey();
                _trail.PushField(name);
                var value = ReadNode();
                if (!fields.TryAdd(name, value))
                {
                    _duplicates.Add(new YamlDuplicate((int)line, name, _trail.ToString()));
                    fields[name] = value;
                }
                _trail.Pop();
            }
            foreach (var merge in merges ?? [])
                Merge(fields, merge);
            Remember(start.Anchor, fields);
            return fields;
        }

        private string ReadKey()
        {
            var line = parser.Current!.Start.Line;
            return ReadNode() switch
            {
                JsonValue value => JsonTree.AsString(value) ?? value.ToJsonString(),
                var other => throw new DecodeException(string.Create(
                    CultureInfo.InvariantCulture, $"yaml: line {line}: unsupported map key of type {JsonTree.KindOf(other).ToString().ToLowerInvariant()}")),
            };
        }

        // "<<: *base" brings in what the mapping does not say itself; of several bases the first wins.
        private void Merge(JsonObject fields, JsonNode? source)
        {
            if (source is JsonArray several)
            {
                foreach (var item in several)
                    Merge(fields, item);
                return;
            }
            if (source is not JsonObject defaults)
                throw new DecodeException("yaml: map merge requires map or sequence of maps as the value");
            foreach (var (name, value) in defaults)
            {
                if (!fields.ContainsKey(name))
                    fields[name] = Copy(value);
            }
        }

        private JsonNode? Expand(AnchorAlias alias) => _anchors.TryGetValue(alias.Value, out var node)
            ? Copy(node)
            : throw new DecodeException(string.Create(CultureInfo.InvariantCulture, $"yaml: line {alias.Start.Line}: unknown or unfinished anchor '{alias.Value}' referenced"));

        private JsonNode? Copy(JsonNode? node)
        {
            Count(node);
            return node?.DeepClone();
        }

        private void Count(JsonNode? node)
        {
            if (++_aliasedNodes > MaxAliasedNodes)
                throw new DecodeException("yaml: document contains excessive aliasing");
            switch (node)
            {
                case JsonObject fields:
                    foreach (var (_, value) in fields)
                        Count(value);
                    break;
                case JsonArray items:
                    foreach (var item in items)
                        Count(item);
                    break;
            }
        }

        private JsonNode? Remember(AnchorName anchor, JsonNode? node)
        {
            if (!anchor.IsEmpty)
                _anchors[anchor] = node;
            return node;
        }
    }
}
