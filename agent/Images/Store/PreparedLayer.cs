namespace ControlPlane.Agent.Images.Store;

/// <summary>A layer that is unpacked but does not know yet what lies below it.</summary>
internal sealed record PreparedLayer(string Directory, IReadOnlyCollection<string> ImplicitDirectories);
