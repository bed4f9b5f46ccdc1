using System.Text;
using System.Text.Json;

namespace ControlPlane.Agent.Images;

/// <summary>
/// The content of a <c>kubernetes.io/dockerconfigjson</c> secret: credentials by registry, matched as a kubelet does
/// (host labels may be "*", a path narrows the match, the longest path goes first).
/// </summary>
public sealed class DockerConfig
{
    private readonly List<Entry> _entries;

    private DockerConfig(List<Entry> entries) => _entries = entries;

    /// <exception cref="FormatException">The secret is not a docker configuration.</exception>
    public static DockerConfig Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var entries = new List<Entry>();
            if (document.RootElement.TryGetProperty("auths", out var auths))
                foreach (var auth in auths.EnumerateObject())
                    if (Credentials(auth.Value) is { } credentials)
                        entries.Add(Entry.Create(auth.Name, credentials));
            return new DockerConfig(entries);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new FormatException($"the pull secret is not a docker configuration: {e.Message}", e);
        }
    }

    public IReadOnlyList<RegistryCredentials> For(ImageReference reference) =>
        [.. _entries.Where(entry => entry.Matches(reference)).OrderByDescending(entry => entry.Path.Length).Select(entry => entry.Credentials)];

    private static RegistryCredentials? Credentials(JsonElement auth)
    {
        if (auth.TryGetProperty("auth", out var encoded) && encoded.GetString() is { Length: > 0 } text)
        {
            var decoded = Encoding.UTF8.GetString(Convert.FromBase64String(text)).TrimEnd('\0');
            var colon = decoded.IndexOf(':');
            return colon > 0
                ? new RegistryCredentials(decoded[..colon], decoded[(colon + 1)..])
                : throw new FormatException("the pull secret has an auth that is not user:password in base64");
        }

        var username = auth.TryGetProperty("username", out var name) ? name.GetString() : null;
        var password = auth.TryGetProperty("password", out var secret) ? secret.GetString() : null;
        return username is null || password is null ? null : new RegistryCredentials(username, password);
    }

    private sealed record Entry(string[] HostLabels, string Path, RegistryCredentials Credentials)
    {
        public static Entry Create(string key, RegistryCredentials credentials)
        {
            var scheme = key.IndexOf("://", StringComparison.Ordinal);
            var rest = scheme < 0 ? key : key[(scheme + 3)..];
            var slash = rest.IndexOf('/');
            var (host, path) = slash < 0 ? (rest, "") : (rest[..slash], rest[(slash + 1)..].Trim('/'));
            // Docker writes its hub as https://index.docker.io/v1/ and older tools add the API version to any host.
            if (path is "v1" or "v2")
                path = "";
            return new Entry((host == "index.docker.io" ? "docker.io" : host).Split('.'), path, credentials);
        }

        public bool Matches(ImageReference reference)
        {
            var labels = reference.Registry.Split('.');
            return labels.Length == HostLabels.Length
                && HostLabels.Zip(labels).All(pair => pair.First == "*" || pair.First == pair.Second)
                && (Path.Length == 0 || reference.Repository == Path || reference.Repository.StartsWith(Path + "/", StringComparison.Ordinal));
        }
    }
}
