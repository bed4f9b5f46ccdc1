namespace ControlPlane.Api.Machinery.Apply;

/// <summary>Why an applied configuration is refused.</summary>
public enum ApplyFault
{
    /// <summary>Another API version or kind than the URL's, or managedFields inside (400).</summary>
    WrongObject,

    /// <summary>It does not fit the schema. Upstream answers 500 here; the message is what tools match on.</summary>
    NotTyped,
}
