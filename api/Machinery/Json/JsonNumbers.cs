using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ControlPlane.Api.Machinery.Json;

/// <summary>Numbers as the API means them: integers are exact in the int64 range, everything else is a double, and no exponent is ever
/// written where plain digits fit.</summary>
public static class JsonNumbers
{
    // Beyond 2^53 neighbouring integers share a double, but the shortest digits still identify it; up to here they fit a decimal.
    private const double LargestPlain = 1e21;
    private const double SmallestPlain = 1e-6;

    /// <summary>The node for a double: an integer when it has no fraction, plain digits when the exponent is moderate.</summary>
    public static JsonValue FromDouble(double value)
    {
        if (value == Math.Floor(value) && Math.Abs(value) < 9.2e18)
            return JsonValue.Create((long)value);
        var magnitude = Math.Abs(value);
        if (magnitude is >= 1e15 and < LargestPlain or >= SmallestPlain and < 1e-4)
            return JsonValue.Create(decimal.Parse(value.ToString("R", CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture));
        return JsonValue.Create(value);
    }

    /// <summary>The value as an exact int64; false when it is no number, has a fraction or is out of range.</summary>
    public static bool TryGetInt64(JsonNode? node, out long value)
    {
        value = 0;
        if (node is not JsonValue scalar || scalar.GetValueKind() != JsonValueKind.Number)
            return false;
        if (scalar.TryGetValue(out value))
            return true;
        if (scalar.TryGetValue(out int narrow))
        {
            value = narrow;
            return true;
        }
        if (!TryGetDouble(node, out var wide) || wide != Math.Floor(wide) || Math.Abs(wide) >= 9.2e18)
            return false;
        value = (long)wide;
        return true;
    }

    /// <summary>The value as a double; false when it is no number.</summary>
    public static bool TryGetDouble(JsonNode? node, out double value)
    {
        value = 0;
        if (node is not JsonValue scalar || scalar.GetValueKind() != JsonValueKind.Number)
            return false;
        if (scalar.TryGetValue(out value))
            return true;
        if (scalar.TryGetValue(out long integer))
        {
            value = integer;
            return true;
        }
        // Other CLR number types only occur in trees built by code, not by the parser.
        return double.TryParse(scalar.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out value);
    }
}
