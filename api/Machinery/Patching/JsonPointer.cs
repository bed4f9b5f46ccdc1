using System.Globalization;
using System.Text.Json.Nodes;

namespace ControlPlane.Api.Machinery.Patching;

/// <summary>RFC 6901: <c>/spec/containers/0/image</c>, with <c>~1</c> for a slash and <c>~0</c> for a tilde in a name.</summary>
internal sealed class JsonPointer
{
    private readonly string _text;
    private readonly string[] _tokens;

    private JsonPointer(string text, string[] tokens)
    {
        _text = text;
        _tokens = tokens;
    }

    public bool IsRoot => _tokens.Length == 0;

    public string LastToken => _tokens[^1];

    public static JsonPointer Parse(string text)
    {
        if (text.Length == 0)
            return new JsonPointer(text, []);
        if (text[0] != '/')
            throw new PatchException(PatchFault.Malformed, $"path \"{text}\" does not start with a slash");
        var tokens = text[1..].Split('/');
        for (var i = 0; i < tokens.Length; i++)
            tokens[i] = tokens[i].Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
        return new JsonPointer(text, tokens);
    }

    public bool IsPrefixOf(JsonPointer other) =>
        _tokens.Length < other._tokens.Length && _tokens.AsSpan().SequenceEqual(other._tokens.AsSpan(0, _tokens.Length));

    /// <summary>The object or array that holds the last token.</summary>
    public JsonNode FindParent(JsonNode? root, string operation)
    {
        var node = root;
        for (var i = 0; i < _tokens.Length - 1; i++)
            node = Step(node, _tokens[i], operation);
        return node is JsonObject or JsonArray ? node : throw Missing(operation);
    }

    public JsonNode? FindValue(JsonNode? root, string operation)
    {
        var node = root;
        foreach (var token in _tokens)
            node = Step(node, token, operation);
        return node;
    }

    /// <summary>An array position; <paramref name="count"/> itself (or <c>-</c>) only where an element may be appended.</summary>
    public int ParseIndex(string token, int count, bool mayAppend)
    {
        if (mayAppend && token == "-")
            return count;
        var wellFormed = int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && (token.Length == 1 || token[0] != '0');
        if (!wellFormed || index > count || (index == count && !mayAppend))
            throw new PatchException(PatchFault.NotApplicable, $"Unable to access invalid index: {token}: invalid index referenced");
        return index;
    }

    public PatchException Missing(string operation) =>
        new(PatchFault.NotApplicable, $"{operation} operation does not apply: doc is missing path: \"{_text}\": missing value");

    public override string ToString() => _text;

    private JsonNode? Step(JsonNode? node, string token, string operation) => node switch
    {
        JsonObject fields when fields.TryGetPropertyValue(token, out var value) => value,
        JsonArray items => items[ParseIndex(token, items.Count, mayAppend: false)],
        _ => throw Missing(operation),
    };
}
