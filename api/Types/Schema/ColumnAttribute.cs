namespace ControlPlane.Api.Schema;

/// <summary>A column of the kind's table, after Name. Without any, a kind shows its age.</summary>
/// <param name="name">Heading.</param>
/// <param name="type">integer, number, string, boolean or date (printed as an age).</param>
/// <param name="jsonPath">Where the cell's value is, e.g. <c>.status.phase</c>.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public sealed class ColumnAttribute(string name, string type, string jsonPath) : Attribute
{
    /// <summary>Heading.</summary>
    public string Name => name;

    /// <summary>integer, number, string, boolean or date.</summary>
    public string Type => type;

    /// <summary>Where the value is.</summary>
    public string JsonPath => jsonPath;

    /// <summary>0 = always shown; 1 = only with <c>-o wide</c>.</summary>
    public int Priority { get; init; }
}
