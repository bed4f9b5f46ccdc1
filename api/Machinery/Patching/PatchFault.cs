namespace ControlPlane.Api.Machinery.Patching;

/// <summary>Why a patch was refused.</summary>
public enum PatchFault
{
    /// <summary>The document is no patch of its type (400).</summary>
    Malformed,

    /// <summary>A well-formed patch that does not fit this object: a failed test, a path that is not there (422).</summary>
    NotApplicable,

    /// <summary>More operations, or more copied data, than a patch may ask for (413).</summary>
    TooLarge,
}
