namespace ControlPlane.Api.Machinery.Schema;

/// <summary>How a list is owned and merged by server-side apply.</summary>
public enum ListType
{
    /// <summary>One value: whoever writes it owns all of it.</summary>
    Atomic,

    /// <summary>A set of scalars, each owned on its own.</summary>
    Set,

    /// <summary>Items identified by the values of their key fields, each field of each item owned on its own.</summary>
    Map,
}
