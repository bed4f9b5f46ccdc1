using System.Globalization;

namespace ControlPlane.Api.Storage;

/// <summary>A point in the store's history. 0 is before the first write.</summary>
public readonly record struct Revision(long Value) : IComparable<Revision>
{
    /// <summary>Before the first write.</summary>
    public static Revision Zero => default;

    /// <inheritdoc/>
    public int CompareTo(Revision other) => Value.CompareTo(other.Value);

    /// <summary>Decimal, as it appears in <c>resourceVersion</c>.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    public static bool operator <(Revision left, Revision right) => left.Value < right.Value;
    public static bool operator >(Revision left, Revision right) => left.Value > right.Value;
    public static bool operator <=(Revision left, Revision right) => left.Value <= right.Value;
    public static bool operator >=(Revision left, Revision right) => left.Value >= right.Value;
}
