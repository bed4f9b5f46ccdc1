namespace ControlPlane.Agent.Bundles;

/// <summary>Which system calls a container may make.</summary>
internal sealed record SeccompProfile
{
    private SeccompProfile(SeccompMode mode, string? path)
    {
        Mode = mode;
        Path = path;
    }

    /// <summary>Our allow-list.</summary>
    internal static SeccompProfile RuntimeDefault { get; } = new(SeccompMode.RuntimeDefault, null);

    /// <summary>Everything the kernel offers.</summary>
    internal static SeccompProfile Unconfined { get; } = new(SeccompMode.Unconfined, null);

    internal SeccompMode Mode { get; }

    /// <summary>The file of a <see cref="SeccompMode.Localhost"/> profile.</summary>
    internal string? Path { get; }

    /// <summary>The profile a securityContext names.</summary>
    /// <param name="type"><c>RuntimeDefault</c>, <c>Unconfined</c> or <c>Localhost</c>.</param>
    /// <param name="localhostProfile">For Localhost: a file below <paramref name="profileFolder"/>.</param>
    /// <param name="profileFolder">Where the operator keeps profiles.</param>
    /// <exception cref="ArgumentException">The type is not known or the file does not exist. Nothing else may mean "unconfined".</exception>
    internal static SeccompProfile Named(string type, string? localhostProfile, string profileFolder) => type switch
    {
        "RuntimeDefault" => RuntimeDefault,
        "Unconfined" => Unconfined,
        "Localhost" => Localhost(localhostProfile, profileFolder),
        _ => throw new ArgumentException($"There is no seccomp profile type \"{type}\"; use RuntimeDefault, Localhost or Unconfined.", nameof(type)),
    };

    private static SeccompProfile Localhost(string? name, string folder)
    {
        if (string.IsNullOrEmpty(name)) throw new ArgumentException("A Localhost seccomp profile needs its file's name.", nameof(name));
        var path = System.IO.Path.GetFullPath(name, folder);
        if (!path.StartsWith(System.IO.Path.GetFullPath(folder) + "/", StringComparison.Ordinal))
            throw new ArgumentException($"The seccomp profile \"{name}\" lies outside {folder}.", nameof(name));
        return File.Exists(path) ? new SeccompProfile(SeccompMode.Localhost, path) : throw new ArgumentException($"There is no seccomp profile {path}.", nameof(name));
    }
}
