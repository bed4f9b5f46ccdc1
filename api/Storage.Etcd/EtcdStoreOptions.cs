using System.Security.Cryptography.X509Certificates;

namespace ControlPlane.Api.Storage.Etcd;

/// <summary>Where an etcd cluster is and how to speak to it.</summary>
/// <param name="Endpoints">Members, <c>http</c> or <c>https</c>.</param>
public sealed record EtcdStoreOptions(IReadOnlyList<Uri> Endpoints)
{
    /// <summary>Put in front of every key. Stores with different prefixes do not see each other; they share the revision counter.</summary>
    public string Prefix { get; init; } = "/controlplane";

    /// <summary>A call that has no answer by then fails as <see cref="StoreFault.Unavailable"/>.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest value taken, in bytes. etcd itself refuses requests above 1.5 MiB unless told otherwise.</summary>
    public int MaxValueBytes { get; init; } = (3 * 512 * 1024) - 8192;

    /// <summary>A watcher with more undelivered events than this is cut.</summary>
    public int WatchBacklog { get; init; } = 16 * 1024;

    /// <summary>Who may have signed the members' certificates; <c>null</c> = the system's authorities.</summary>
    public X509Certificate2Collection? CertificateAuthorities { get; init; }

    /// <summary>With its private key.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>
    /// Reads <c>etcd://host:2379,host2:2379?prefix=/x&amp;cacert=ca.pem&amp;cert=client.pem&amp;key=client.key</c>. TLS when <c>cacert</c>,
    /// <c>cert</c> or <c>tls=true</c> is there.
    /// </summary>
    /// <exception cref="FormatException">Says what is wrong with it.</exception>
    public static EtcdStoreOptions Parse(string uri)
    {
        const string Scheme = "etcd://";
        if (!uri.StartsWith(Scheme, StringComparison.Ordinal))
        {
            throw new FormatException($"'{uri}' does not begin with {Scheme}.");
        }

        string[] parts = uri[Scheme.Length..].Split('?', 2);
        Dictionary<string, string> settings = ParseSettings(parts.Length == 2 ? parts[1] : "");
        string? authorities = settings.GetValueOrDefault("cacert");
        string? certificate = settings.GetValueOrDefault("cert");
        bool tls = authorities is not null || certificate is not null || settings.GetValueOrDefault("tls") == "true";
        Uri[] endpoints = [.. parts[0].TrimEnd('/').Split(',').Select(host => ParseEndpoint(uri, tls, host))];
        var options = new EtcdStoreOptions(endpoints)
        {
            CertificateAuthorities = authorities is null ? null : LoadAuthorities(authorities),
            ClientCertificate = certificate is null
                ? null
                : X509Certificate2.CreateFromPemFile(certificate, settings.GetValueOrDefault("key") ?? throw new FormatException("'cert' needs 'key'.")),
        };
        return settings.TryGetValue("prefix", out string? prefix) ? options with { Prefix = prefix } : options;
    }

    private static Uri ParseEndpoint(string uri, bool tls, string host) =>
        Uri.TryCreate($"{(tls ? "https" : "http")}://{host}", UriKind.Absolute, out Uri? endpoint) && endpoint.PathAndQuery == "/"
            ? (endpoint.IsDefaultPort ? new UriBuilder(endpoint) { Port = 2379 }.Uri : endpoint)
            : throw new FormatException($"'{host}' in '{uri}' is no host:port.");

    private static Dictionary<string, string> ParseSettings(string query)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string setting in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] pair = setting.Split('=', 2);
            if (pair.Length != 2 || pair[0] is not ("prefix" or "cacert" or "cert" or "key" or "tls"))
            {
                throw new FormatException($"'{setting}' is no setting of an etcd store; known are prefix, cacert, cert, key, tls.");
            }

            settings[pair[0]] = Uri.UnescapeDataString(pair[1]);
        }

        return settings;
    }

    private static X509Certificate2Collection LoadAuthorities(string path)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(path);
        return authorities;
    }
}
