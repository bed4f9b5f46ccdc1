namespace ControlPlane.Api.Client;

/// <summary>What a delete did.</summary>
/// <param name="IsGone">Removed at once; otherwise it lingers until its grace period or finalizers end.</param>
/// <param name="Uid">UID of the object, if the server said.</param>
/// <param name="ResourceVersion">Version of the lingering object.</param>
public sealed record DeleteResult(bool IsGone, string? Uid, string? ResourceVersion);
