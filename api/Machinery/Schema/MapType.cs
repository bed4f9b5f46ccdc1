namespace ControlPlane.Api.Machinery.Schema;

/// <summary>How an object's fields are owned by server-side apply.</summary>
public enum MapType
{
    /// <summary>Each field on its own.</summary>
    Granular,

    /// <summary>All together.</summary>
    Atomic,
}
