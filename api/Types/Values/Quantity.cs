using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ControlPlane.Api.Values;

/// <summary>
/// An exact amount with a decimal (m, k, M, G, …) or binary (Ki, Mi, Gi, …) suffix, as Kubernetes writes them. Keeps the text it was made of;
/// compares by <see cref="Milli"/>.
/// </summary>
[JsonConverter(typeof(QuantityConverter))]
public readonly record struct Quantity : IComparable<Quantity>
{
    private static readonly (string Suffix, decimal Factor)[] Suffixes =
    [
        ("Ki", 1024m), ("Mi", 1048576m), ("Gi", 1073741824m), ("Ti", 1099511627776m), ("Pi", 1125899906842624m), ("Ei", 1152921504606846976m),
        ("n", 0.000000001m), ("u", 0.000001m), ("m", 0.001m), ("k", 1e3m), ("M", 1e6m), ("G", 1e9m), ("T", 1e12m), ("P", 1e15m), ("E", 1e18m),
    ];

    private readonly string? _text;

    private Quantity(string text, decimal value)
    {
        _text = text;
        Amount = value;
    }

    /// <summary>The exact amount.</summary>
    public decimal Amount { get; }

    /// <summary>Thousandths, rounded up: millicores of a cpu amount.</summary>
    public long Milli => (long)decimal.Ceiling(Amount * 1000m);

    /// <summary>Whole units, rounded up: bytes of a memory amount.</summary>
    public long Units => (long)decimal.Ceiling(Amount);

    /// <summary>An amount of thousandths, e.g. millicores, in canonical form (<c>250m</c>, <c>2</c>).</summary>
    public static Quantity FromMilli(long milli) =>
        Parse(milli % 1000 == 0 ? (milli / 1000).ToString(CultureInfo.InvariantCulture) : milli.ToString(CultureInfo.InvariantCulture) + "m");

    /// <summary>An amount of bytes, with the largest binary suffix that keeps it whole.</summary>
    public static Quantity FromBytes(long bytes)
    {
        string[] names = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
        var unit = 0;
        while (unit < names.Length - 1 && bytes != 0 && bytes % 1024 == 0)
        {
            bytes /= 1024;
            unit++;
        }

        return Parse(bytes.ToString(CultureInfo.InvariantCulture) + names[unit]);
    }

    /// <summary>Reads a quantity.</summary>
    /// <exception cref="FormatException">Not a quantity.</exception>
    public static Quantity Parse(string text) =>
        TryParse(text, out var quantity) ? quantity : throw new FormatException($"\"{text}\" is no quantity; write for example 500m, 2, 128Mi.");

    /// <summary>Reads a quantity, without exceptions.</summary>
    public static bool TryParse(string? text, out Quantity quantity)
    {
        quantity = default;
        if (string.IsNullOrEmpty(text) || text.Length > 64)
            return false;
        var factor = 1m;
        var number = text.AsSpan();
        foreach (var (suffix, value) in Suffixes)
        {
            if (!text.EndsWith(suffix, StringComparison.Ordinal))
                continue;
            factor = value;
            number = number[..^suffix.Length];
            break;
        }

        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (number.IsEmpty || !decimal.TryParse(number, Style, CultureInfo.InvariantCulture, out var amount))
            return false;
        try
        {
            quantity = new Quantity(text, amount * factor);
            return true;
        }
        catch (OverflowException)
        {
            // Larger than any resource; Kubernetes caps, we refuse.
            return false;
        }
    }

    /// <inheritdoc/>
    public int CompareTo(Quantity other) => Amount.CompareTo(other.Amount);

    /// <summary>By amount: <c>1</c> equals <c>1000m</c>.</summary>
    public bool Equals(Quantity other) => Amount == other.Amount;

    /// <inheritdoc/>
    public override int GetHashCode() => Amount.GetHashCode();

    /// <summary>The text it was read from.</summary>
    public override string ToString() => _text ?? "0";

    public static bool operator <(Quantity left, Quantity right) => left.Amount < right.Amount;
    public static bool operator >(Quantity left, Quantity right) => left.Amount > right.Amount;
    public static bool operator <=(Quantity left, Quantity right) => left.Amount <= right.Amount;
    public static bool operator >=(Quantity left, Quantity right) => left.Amount >= right.Amount;

    private sealed class QuantityConverter : JsonConverter<Quantity>
    {
        public override Quantity Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var text = reader.TokenType == JsonTokenType.Number ? reader.GetDecimal().ToString(CultureInfo.InvariantCulture) : reader.GetString();
            return TryParse(text, out var quantity) ? quantity : throw new JsonException($"\"{text}\" is no quantity.");
        }

        public override void Write(Utf8JsonWriter writer, Quantity value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}
