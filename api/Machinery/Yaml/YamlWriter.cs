using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;

namespace ControlPlane.Api.Machinery.Yaml;

/// <summary>Object trees as block-style YAML, in the layout kubectl users know: two spaces, lists level with their key, block literals
/// for text of several lines. What it writes, <see cref="YamlReader"/> and every YAML 1.1 or 1.2 reader take back unchanged.</summary>
public static class YamlWriter
{
    private const string Indicators = "-?:,[]{}#&*!|>'\"%@`";

    /// <summary>One document, ending in a line feed, without a document marker.</summary>
    public static string Write(JsonNode? node)
    {
        var text = new StringBuilder();
        switch (node)
        {
            case JsonObject { Count: > 0 } fields:
                WriteFields(text, fields, indent: 0);
                break;
            case JsonArray { Count: > 0 } items:
                WriteItems(text, items, indent: 0);
                break;
            default:
                WriteScalar(text, node, indent: 0);
                text.Append('\n');
                break;
        }
        return text.ToString();
    }

    private static void WriteFields(StringBuilder text, JsonObject fields, int indent, bool continuesLine = false)
    {
        foreach (var (name, value) in fields)
        {
            if (!continuesLine)
                text.Append(' ', indent);
            continuesLine = false;
            WriteText(text, name, indent, isKey: true);
            text.Append(':');
            switch (value)
            {
                case JsonObject { Count: > 0 } child:
                    text.Append('\n');
                    WriteFields(text, child, indent + 2);
                    break;
                case JsonArray { Count: > 0 } items:
                    text.Append('\n');
                    WriteItems(text, items, indent);
                    break;
                default:
                    text.Append(' ');
                    WriteScalar(text, value, indent);
                    text.Append('\n');
                    break;
            }
        }
    }

    private static void WriteItems(StringBuilder text, JsonArray items, int indent, bool continuesLine = false)
    {
        foreach (var item in items)
        {
            if (!continuesLine)
                text.Append(' ', indent);
            continuesLine = false;
            text.Append("- ");
            switch (item)
            {
                case JsonObject { Count: > 0 } fields:
                    WriteFields(text, fields, indent + 2, continuesLine: true);
                    break;
                case JsonArray { Count: > 0 } nested:
                    WriteItems(text, nested, indent + 2, continuesLine: true);
                    break;
                default:
                    WriteScalar(text, item, indent);
                    text.Append('\n');
                    break;
            }
        }
    }

    private static void WriteScalar(StringBuilder text, JsonNode? node, int indent)
    {
        if (JsonTree.AsString(node) is { } value)
            WriteText(text, value, indent, isKey: false);
        else
            text.Append(node?.ToJsonString() ?? "null");
    }

    private static void WriteText(StringBuilder text, string value, int indent, bool isKey)
    {
        if (IsSafePlain(value))
            text.Append(value);
        else if (!isKey && IsBlockText(value))
            WriteBlock(text, value, indent + 2);
        else if (value.AsSpan().ContainsAnyInRange('\0', '\u001f') || value.AsSpan().ContainsAnyInRange('\u007f', '\u00a0') || HasUnprintable(value))
            text.Append(JsonSerializer.Serialize(value));
        else
            text.Append('\'').Append(value.Replace("'", "''", StringComparison.Ordinal)).Append('\'');
    }

    private static bool IsSafePlain(string value)
    {
        if (value.Length == 0 || value[0] == ' ' || value[^1] is ' ' or ':' || !YamlScalar.IsPlainString(value))
            return false;
        if (Indicators.Contains(value[0]) && !(value[0] is '-' or '?' or ':' && value.Length > 1 && value[1] != ' '))
            return false;
        if (value.StartsWith("---", StringComparison.Ordinal) || value.StartsWith("...", StringComparison.Ordinal) || value == "=" || LooksLikeTime(value))
            return false;
        foreach (var character in value)
        {
            if (character is < ' ' or (>= '\u007f' and <= '\u00a0'))
                return false;
        }
        return !value.Contains(": ", StringComparison.Ordinal) && !value.Contains(" #", StringComparison.Ordinal) && !HasUnprintable(value);
    }

    // YAML 1.1 readers other than ours make dates and sexagesimal numbers of these.
    private static bool LooksLikeTime(string value) => char.IsAsciiDigit(value[0])
        && !value.AsSpan().ContainsAnyExcept("0123456789-:.TtZz+ ".AsSpan())
        && value.AsSpan().ContainsAny('-', ':');

    private static bool HasUnprintable(string value)
    {
        foreach (var rune in value.EnumerateRunes())
        {
            if (rune.Value is 0x85 or 0x2028 or 0x2029 or 0xfeff or 0xfffe or 0xffff || Rune.IsControl(rune))
                return true;
        }
        return false;
    }

    private static bool IsBlockText(string value)
    {
        var breaks = value.IndexOf('\n');
        // A first line that starts with a space would need an indentation indicator; trailing blank lines only would need "+" alone.
        if (breaks < 0 || value[0] is ' ' or '\n')
            return false;
        foreach (var character in value)
        {
            if (character is < ' ' and not '\n' and not '\t' || character is >= '\u007f' and <= '\u00a0')
                return false;
        }
        return !HasUnprintableLines(value);
    }

    private static bool HasUnprintableLines(string value)
    {
        foreach (var line in value.AsSpan().EnumerateLines())
        {
            if (HasUnprintable(line.ToString().Replace("\t", "", StringComparison.Ordinal)))
                return true;
        }
        return false;
    }

    private static void WriteBlock(StringBuilder text, string value, int indent)
    {
        var trailing = value.Length - value.AsSpan().TrimEnd('\n').Length;
        text.Append(trailing switch { 0 => "|-", 1 => "|", _ => "|+" });
        var body = trailing == 0 ? value : value[..^1];
        foreach (var line in body.Split('\n'))
        {
            text.Append('\n');
            if (line.Length > 0)
                text.Append(' ', indent).Append(line);
        }
    }
}
