namespace ControlPlane.Api.Machinery.Selection;

/// <summary>One term of a field selector: the field at <paramref name="Path"/> equals <paramref name="Value"/>, or must not.</summary>
/// <param name="Path">Dotted, without a leading dot: <c>spec.nodeName</c>.</param>
/// <param name="Value">Unescaped; may be empty, which an absent field equals.</param>
/// <param name="Negated">Written with <c>!=</c>.</param>
public sealed record FieldTerm(string Path, string Value, bool Negated)
{
    internal string[] Segments { get; } = Path.Split('.');

    public override string ToString()
    {
        var escaped = Value.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace(",", "\\,", StringComparison.Ordinal)
            .Replace("=", "\\=", StringComparison.Ordinal);
        return Path + (Negated ? "!=" : "=") + escaped;
    }
}
