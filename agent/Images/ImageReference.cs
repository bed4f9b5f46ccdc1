using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace ControlPlane.Agent.Images;

/// <summary>
/// A normalized image name: <c>registry/repository[:tag][@digest]</c>. "nginx" means
/// "docker.io/library/nginx:latest", as it does for Docker and Kubernetes.
/// </summary>
public sealed partial record ImageReference
{
    private const string DefaultRegistry = "docker.io";
    private const string DefaultTag = "latest";
    private const int MaxNameLength = 255;

    private ImageReference(string registry, string repository, string? tag, Digest? digest)
    {
        Registry = registry;
        Repository = repository;
        Tag = tag;
        Digest = digest;
    }

    /// <summary>The registry's host with its port, if any.</summary>
    public string Registry { get; }

    public string Repository { get; }

    /// <summary>Null only when the name is pinned by digest alone.</summary>
    public string? Tag { get; }

    public Digest? Digest { get; }

    /// <summary>Registry and repository, without tag and digest.</summary>
    public string Name => $"{Registry}/{Repository}";

    /// <summary>What a registry is asked for: the digest if the name has one, else the tag.</summary>
    public string ManifestName => Digest?.ToString() ?? Tag!;

    /// <summary>The policy Kubernetes gives a container that names none: Always for ":latest", else IfNotPresent.</summary>
    public ImagePullPolicy DefaultPullPolicy =>
        Digest is null && Tag == DefaultTag ? ImagePullPolicy.Always : ImagePullPolicy.IfNotPresent;

    /// <exception cref="FormatException">The text is not an image name; the message says why.</exception>
    public static ImageReference Parse(string text) =>
        TryParse(text, out var reference, out var problem) ? reference : throw new FormatException(problem);

    public static bool TryParse(
        string? text, [NotNullWhen(true)] out ImageReference? reference, [NotNullWhen(false)] out string? problem)
    {
        reference = null;
        problem = null;
        if (string.IsNullOrEmpty(text))
            problem = "the image name is empty";
        else if (BareId().IsMatch(text))
            problem = $"\"{text}\" is an image id, not a name: write name@sha256:{text}";
        else
            problem = ParseParts(text, out reference);
        return problem is null;
    }

    /// <summary>The same repository, pinned to a digest and without a tag.</summary>
    public ImageReference AtDigest(Digest digest) => new(Registry, Repository, null, digest);

    public override string ToString() => (Tag, Digest) switch
    {
        (null, { } digest) => $"{Name}@{digest}",
        ({ } tag, { } digest) => $"{Name}:{tag}@{digest}",
        _ => $"{Name}:{Tag}",
    };

    private static string? ParseParts(string text, out ImageReference? reference)
    {
        reference = null;
        var rest = text;
        Digest? digest = null;
        var at = rest.IndexOf('@');
        if (at >= 0)
        {
            if (!Images.Digest.TryParse(rest[(at + 1)..], out var parsed))
                return $"\"{text}\" has an invalid digest: write @sha256: and 64 lower-case hexadecimal digits";
            digest = parsed;
            rest = rest[..at];
        }

        string? tag = null;
        var colon = rest.LastIndexOf(':');
        if (colon > rest.LastIndexOf('/'))
        {
            tag = rest[(colon + 1)..];
            rest = rest[..colon];
            if (!TagPattern().IsMatch(tag))
                return $"\"{text}\" has an invalid tag: use up to 128 letters, digits, '_', '.' and '-'";
        }

        var (registry, repository) = SplitRegistry(rest);
        if (!RegistryPattern().IsMatch(registry))
            return $"\"{text}\" has an invalid registry host";
        if (repository != repository.ToLowerInvariant())
            return $"\"{text}\" has an invalid repository: it must be lower case";
        if (!RepositoryPattern().IsMatch(repository))
            return $"\"{text}\" has an invalid repository: use lower-case letters and digits, separated by '/', '.', '_' or '-'";
        if (registry.Length + 1 + repository.Length > MaxNameLength)
            return $"\"{text}\" is longer than {MaxNameLength} characters";

        reference = new ImageReference(registry, repository, tag ?? (digest is null ? DefaultTag : null), digest);
        return null;
    }

    // The first component is a registry only when it looks like a host: "a/b" is a Docker Hub repository, "a.b/c" is not.
    private static (string Registry, string Repository) SplitRegistry(string name)
    {
        var slash = name.IndexOf('/');
        var first = slash < 0 ? "" : name[..slash];
        var isHost = first.AsSpan().IndexOfAny('.', ':') >= 0 || first == "localhost" || first != first.ToLowerInvariant();
        var (registry, repository) = isHost ? (first, name[(slash + 1)..]) : (DefaultRegistry, name);
        if (registry == "index.docker.io")
            registry = DefaultRegistry;
        if (registry == DefaultRegistry && !repository.Contains('/'))
            repository = "library/" + repository;
        return (registry, repository);
    }

    [GeneratedRegex("^[a-f0-9]{64}\\z")]
    private static partial Regex BareId();

    [GeneratedRegex("^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}\\z")]
    private static partial Regex TagPattern();

    [GeneratedRegex("^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?\\z")]
    private static partial Regex RegistryPattern();

    [GeneratedRegex("^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*\\z")]
    private static partial Regex RepositoryPattern();
}
