namespace ControlPlane.Api.Machinery.Schema;

/// <summary>How equal values of a type get equal text, so that writing the same thing differently is no change.</summary>
internal enum CanonicalForm
{
    None,

    /// <summary>RFC 3339, UTC, whole seconds.</summary>
    Time,

    /// <summary>RFC 3339, UTC, exactly six decimals.</summary>
    MicroTime,

    /// <summary>A string with the largest suffix that keeps the number whole; a JSON number is accepted.</summary>
    Quantity,
}
