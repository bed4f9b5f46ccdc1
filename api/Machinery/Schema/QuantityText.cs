using System.Globalization;

namespace ControlPlane.Api.Machinery.Schema;

/// <summary>The canonical text of a quantity: the family of its suffix is kept (binary, decimal or exponent), the number is whole, and
/// the suffix is the largest that allows that. <c>0.5</c> is <c>500m</c>, <c>1024Mi</c> is <c>1Gi</c>, <c>1000</c> is <c>1k</c>.</summary>
public static class QuantityText
{
    private static readonly string[] BinarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    private static readonly string[] DecimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
    private const int DecimalUnit = 3;

    /// <summary>Null when the text is no quantity.</summary>
    public static string? Canonicalize(string text)
    {
        var end = text.AsSpan().LastIndexOfAnyInRange('0', '9') + 1;
        if (end < text.Length && text[end] == '.')
            end++;
        var exponent = ExponentStart(text);
        var suffix = exponent >= 0 ? "" : text[end..];
        var digits = exponent >= 0 ? text.AsSpan(0, exponent) : text.AsSpan(0, end);
        if (end == 0 || !decimal.TryParse(digits, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            return null;
        try
        {
            if (exponent >= 0)
                return Exponent(number, text.AsSpan(exponent + 1));
            var binary = Array.IndexOf(BinarySuffixes, suffix);
            if (binary > 0)
                return Binary(number * Power(1024, binary));
            var scale = Array.IndexOf(DecimalSuffixes, suffix);
            return scale < 0 ? null : Decimal(number * Power(1000, scale - DecimalUnit));
        }
        catch (OverflowException)
        {
            // More than 10^28: no resource has that much.
            return null;
        }
    }

    // "1e3" and "1E3" are exponents; "1E" is a suffix.
    private static int ExponentStart(string text)
    {
        var index = text.AsSpan().IndexOfAny('e', 'E');
        return index > 0 && index + 1 < text.Length && (char.IsAsciiDigit(text[^1])) ? index : -1;
    }

    private static string? Exponent(decimal number, ReadOnlySpan<char> exponentText)
    {
        if (!int.TryParse(exponentText, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent) || Math.Abs(exponent) > 28)
            return null;
        var (mantissa, steps) = Reduce(RoundUp(number * Power(10, exponent)), 1000, -3, 6);
        return steps == 0 ? Whole(mantissa) : Whole(mantissa) + "e" + (steps * 3).ToString(CultureInfo.InvariantCulture);
    }

    private static string Binary(decimal value)
    {
        // Below one unit of the family there is nothing whole to write but decimals.
        if (Math.Abs(value) < 1024 || value != decimal.Truncate(value))
            return Decimal(value);
        var (mantissa, steps) = Reduce(value, 1024, 0, BinarySuffixes.Length - 1);
        return Whole(mantissa) + BinarySuffixes[steps];
    }

    private static string Decimal(decimal value)
    {
        var (mantissa, steps) = Reduce(RoundUp(value), 1000, -DecimalUnit, DecimalSuffixes.Length - 1 - DecimalUnit);
        return Whole(mantissa) + DecimalSuffixes[steps + DecimalUnit];
    }

    /// <summary>The largest step whose unit divides the value, and the value in that unit.</summary>
    private static (decimal Mantissa, int Steps) Reduce(decimal value, int unit, int lowest, int highest)
    {
        if (value == 0)
            return (0, 0);
        var steps = lowest;
        var mantissa = lowest < 0 ? value * Power(unit, -lowest) : value;
        while (steps < highest && mantissa % unit == 0)
        {
            mantissa /= unit;
            steps++;
        }
        return (mantissa, steps);
    }

    private static decimal RoundUp(decimal value)
    {
        const decimal Nano = 1_000_000_000m;
        if (Math.Abs(value) > 1e18m)
            return value;
        var scaled = value * Nano;
        var whole = value < 0 ? decimal.Floor(scaled) : decimal.Ceiling(scaled);
        return whole / Nano;
    }

    private static decimal Power(int unit, int exponent)
    {
        var result = 1m;
        for (var i = 0; i < Math.Abs(exponent); i++)
            result *= unit;
        return exponent < 0 ? 1 / result : result;
    }

    private static string Whole(decimal value) => decimal.Truncate(value).ToString(CultureInfo.InvariantCulture);
}
