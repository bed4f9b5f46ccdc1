using System.Globalization;
using System.Text;

namespace ControlPlane.Agent.Shim;

/// <summary>
/// The runtime's log: one flat JSON object per line, <c>{"level":"error","msg":"…","time":"…"}</c>. Only two string fields are wanted, so
/// they are found by scanning; a JSON library would cost the shim a tenth of its memory.
/// </summary>
internal static class RuntimeErrorLog
{
    /// <summary>The message of the last entry at level error or above, or null.</summary>
    internal static string? LastMessage(string log)
    {
        string? message = null;
        foreach (var line in log.Split('\n'))
        {
            if (StringField(line, "level") is "error" or "fatal" or "panic") message = StringField(line, "msg") ?? message;
        }

        return message;
    }

    private static string? StringField(string line, string name)
    {
        var key = "\"" + name + "\":";
        var start = line.IndexOf(key, StringComparison.Ordinal);
        if (start < 0) return null;
        start += key.Length;
        while (start < line.Length && line[start] == ' ') start++;
        return start < line.Length && line[start] == '"' ? Unescape(line.AsSpan(start + 1)) : null;
    }

    private static string Unescape(ReadOnlySpan<char> text)
    {
        var result = new StringBuilder();
        for (var i = 0; i < text.Length && text[i] != '"'; i++)
        {
            if (text[i] != '\\' || i + 1 >= text.Length)
            {
                result.Append(text[i]);
                continue;
            }

            var escape = text[++i];
            if (escape == 'u' && i + 4 < text.Length && ushort.TryParse(text.Slice(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit))
            {
                result.Append((char)unit);
                i += 4;
            }
            else
            {
                result.Append(escape switch { 'n' => '\n', 't' => '\t', 'r' => '\r', _ => escape });
            }
        }

        return result.ToString();
    }
}
