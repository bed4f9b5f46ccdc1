namespace ControlPlane.Agent.Linux;

/// <summary>One mount.</summary>
/// <param name="Point">Where it is.</param>
/// <param name="Type">The file system's type.</param>
/// <param name="Source">What is mounted.</param>
public sealed record MountEntry(string Point, string Type, string Source)
{
    /// <summary>Whether it is at a directory or anywhere below it.</summary>
    public bool IsAtOrBelow(string directory) =>
        Point == directory || (Point.StartsWith(directory, StringComparison.Ordinal) && Point[directory.Length] == '/');
}
