using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;

namespace ControlPlane.Api.Machinery.Selection;

/// <summary>A parsed field selector: <c>metadata.name=p0,status.phase!=Failed</c>. Which paths a kind allows is the caller's to check.</summary>
public sealed class FieldSelector
{
    private readonly FieldTerm[] _terms;

    private FieldSelector(FieldTerm[] terms) => _terms = terms;

    public static FieldSelector Everything { get; } = new([]);

    public IReadOnlyList<FieldTerm> Terms => _terms;

    public bool IsEverything => _terms.Length == 0;

    /// <exception cref="SelectorException">The text does not parse.</exception>
    public static FieldSelector Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return Everything;
        var terms = new List<FieldTerm>();
        foreach (var part in SplitTerms(text))
        {
            if (part.Length > 0)
                terms.Add(ParseTerm(part, text));
        }
        return new FieldSelector([.. terms]);
    }

    /// <summary>Evaluates against an object. Scalars compare by their text; an absent field compares as the empty string.</summary>
    public bool Matches(JsonObject root)
    {
        foreach (var term in _terms)
        {
            if ((ValueAt(root, term.Segments) == term.Value) == term.Negated)
                return false;
        }
        return true;
    }

    /// <summary>Evaluates with values from elsewhere, such as an index.</summary>
    public bool Matches(Func<string, string> valueOf)
    {
        foreach (var term in _terms)
        {
            if ((valueOf(term.Path) == term.Value) == term.Negated)
                return false;
        }
        return true;
    }

    /// <summary>The value that the field must equal, if the selector pins it: lets a list of one name become a get.</summary>
    public bool TryGetExact(string path, [NotNullWhen(true)] out string? value)
    {
        foreach (var term in _terms)
        {
            if (!term.Negated && term.Path == path)
            {
                value = term.Value;
                return true;
            }
        }
        value = null;
        return false;
    }

    public override string ToString() => string.Join(',', _terms.Select(term => term.ToString()));

    private static string ValueAt(JsonObject root, string[] segments)
    {
        JsonNode? node = root;
        foreach (var segment in segments)
        {
            if (node is not JsonObject fields || !fields.TryGetPropertyValue(segment, out node))
                return "";
        }
        return JsonTree.KindOf(node) switch
        {
            JsonValueKind.String => JsonTree.AsString(node) ?? "",
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            JsonValueKind.Number => node!.ToJsonString(),
            _ => "",
        };
    }

    private static IEnumerable<string> SplitTerms(string text)
    {
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == ',')
            {
                yield return text[start..i];
                start = i + 1;
            }
        }
        yield return text[start..];
    }

    private static FieldTerm ParseTerm(string part, string whole)
    {
        for (var i = 0; i < part.Length; i++)
        {
            var rest = part.AsSpan(i);
            if (rest.StartsWith("!="))
                return new FieldTerm(part[..i], Unescape(part[(i + 2)..]), Negated: true);
            if (rest.StartsWith("=="))
                return new FieldTerm(part[..i], Unescape(part[(i + 2)..]), Negated: false);
            if (rest[0] == '=')
                return new FieldTerm(part[..i], Unescape(part[(i + 1)..]), Negated: false);
        }
        throw new SelectorException($"invalid selector: '{whole}'; can't understand '{part}'");
    }

    private static string Unescape(string value)
    {
        if (value.AsSpan().IndexOfAny("\\,=") < 0)
            return value;
        var result = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            var current = value[i];
            if (current == '\\')
            {
                if (i + 1 == value.Length || value[i + 1] is not ('\\' or ',' or '='))
                    throw new SelectorException($"invalid field selector: invalid escape sequence: {value[i..Math.Min(i + 2, value.Length)]}");
                current = value[++i];
            }
            else if (current is ',' or '=')
            {
                throw new SelectorException($"invalid field selector: unescaped character in value: {current}");
            }
            result.Append(current);
        }
        return result.ToString();
    }
}
