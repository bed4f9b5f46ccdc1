namespace ControlPlane.Api.Storage.Embedded.Log;

/// <summary>A finished file of the log; once a snapshot covers its last revision it can be reused.</summary>
internal sealed record SealedSegment(string Name, long Index, long LastRevision);
