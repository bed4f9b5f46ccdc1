using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ControlPlane.Api.Machinery.Json;

namespace ControlPlane.Api.Machinery.Yaml;

/// <summary>What a plain scalar means: YAML 1.1 as go-yaml reads it, because that is how every Kubernetes manifest has been read so far.
/// <c>y</c> and <c>on</c> are booleans, <c>0777</c> is octal, dates are strings.</summary>
internal static partial class YamlScalar
{
    private const string TagPrefix = "tag:yaml.org,2002:";

    /// <exception cref="DecodeException">The tag does not fit the text, or the number is not finite.</exception>
    public static JsonNode? Resolve(string text, string? tag, bool isPlain)
    {
        var kind = tag is not null && tag.StartsWith(TagPrefix, StringComparison.Ordinal) ? tag[TagPrefix.Length..] : tag;
        return kind switch
        {
            null or "" or "?" => isPlain ? ResolvePlain(text) : JsonValue.Create(text),
            "null" => null,
            "bool" => TryBool(text, out var flag) ? JsonValue.Create(flag) : throw Mismatch(text, kind),
            "int" => TryInteger(text.Replace("_", "", StringComparison.Ordinal)) ?? throw Mismatch(text, kind),
            "float" => TryNumber(text) ?? throw Mismatch(text, kind),
            "binary" => JsonValue.Create(DecodeBinary(text)),
            _ => JsonValue.Create(text),
        };
    }

    /// <summary>Whether a string written without quotes would be read back as that string.</summary>
    public static bool IsPlainString(string text) => !IsNull(text) && !TryBool(text, out _) && text != "<<" && !IsInfinite(text) && TryNumber(text) is null;

    private static JsonNode? ResolvePlain(string text)
    {
        if (IsNull(text))
            return null;
        if (TryBool(text, out var flag))
            return JsonValue.Create(flag);
        if (IsInfinite(text))
            throw new DecodeException($"json: unsupported value: {text}");
        return TryNumber(text) ?? JsonValue.Create(text);
    }

    private static bool IsNull(string text) => text is "" or "~" or "null" or "Null" or "NULL";

    private static bool TryBool(string text, out bool value)
    {
        value = text is "y" or "Y" or "yes" or "Yes" or "YES" or "true" or "True" or "TRUE" or "on" or "On" or "ON";
        return value || text is "n" or "N" or "no" or "No" or "NO" or "false" or "False" or "FALSE" or "off" or "Off" or "OFF";
    }

    private static bool IsInfinite(string text) =>
        text.TrimStart('+', '-') is ".inf" or ".Inf" or ".INF" || text is ".nan" or ".NaN" or ".NAN";

    private static JsonValue? TryNumber(string text)
    {
        if (text.Length == 0 || !(char.IsAsciiDigit(text[0]) || text[0] is '+' or '-' or '.'))
            return null;
        var plain = text.Replace("_", "", StringComparison.Ordinal);
        if (TryInteger(plain) is { } integer)
            return integer;
        if (!Float().IsMatch(plain))
            return null;
        var value = double.Parse(plain, NumberStyles.Float, CultureInfo.InvariantCulture);
        return double.IsFinite(value) ? JsonNumbers.FromDouble(value) : null;
    }

    private static JsonValue? TryInteger(string plain)
    {
        var negative = plain.StartsWith('-');
        var digits = plain.AsSpan(negative || plain.StartsWith('+') ? 1 : 0);
        var numberBase = 10;
        if (digits.Length > 1 && digits[0] == '0')
        {
            numberBase = char.ToLowerInvariant(digits[1]) switch { 'x' => 16, 'b' => 2, _ => 8 };
            digits = digits[(char.IsAsciiDigit(digits[1]) ? 1 : 2)..];
            if (numberBase == 8 && char.ToLowerInvariant(plain[negative || plain[0] == '+' ? 2 : 1]) is not ('o' or (>= '0' and <= '9')))
                return null;
        }
        if (digits.IsEmpty || !TryMagnitude(digits, numberBase, out var magnitude))
            return null;
        if (negative)
            return magnitude <= (ulong)long.MaxValue + 1 ? JsonValue.Create((long)(0 - magnitude)) : null;
        return magnitude <= long.MaxValue ? JsonValue.Create((long)magnitude) : JsonNumbers.FromDouble(magnitude);
    }

    private static bool TryMagnitude(ReadOnlySpan<char> digits, int numberBase, out ulong magnitude)
    {
        magnitude = 0;
        foreach (var digit in digits)
        {
            var value = char.IsAsciiHexDigit(digit) ? Convert.ToInt32(digit.ToString(), 16) : int.MaxValue;
            if (value >= numberBase)
                return false;
            var next = UInt128.CreateChecked(magnitude) * (uint)numberBase + (uint)value;
            if (next > ulong.MaxValue)
                return false;
            magnitude = (ulong)next;
        }
        return true;
    }

    private static string DecodeBinary(string text)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(text));
        }
        catch (FormatException e)
        {
            throw new DecodeException("!!binary value contains invalid base64 data", e);
        }
    }

    private static DecodeException Mismatch(string text, string kind) => new($"cannot decode !!str `{text}` as a !!{kind}");

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z", RegexOptions.NonBacktracking)]
    private static partial Regex Float();
}
