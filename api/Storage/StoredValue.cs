namespace ControlPlane.Api.Storage;

/// <summary>A key's value and the revision of the write that made it.</summary>
public sealed record StoredValue(string Key, ReadOnlyMemory<byte> Value, Revision Revision);
