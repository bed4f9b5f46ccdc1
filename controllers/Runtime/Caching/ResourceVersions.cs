namespace ControlPlane.Controllers.Caching;

/// <summary>Compares resource versions: decimal, of one counter for everything the server stores.</summary>
public static class ResourceVersions
{
    /// <summary>Whether a version is at or after another.</summary>
    public static bool IsAtLeast(string? version, string other) =>
        version is not null && (version.Length != other.Length ? version.Length > other.Length : string.CompareOrdinal(version, other) >= 0);
}
