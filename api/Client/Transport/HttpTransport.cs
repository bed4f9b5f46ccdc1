using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace ControlPlane.Api.Client.Transport;

/// <summary>Connections to one server.</summary>
internal static class HttpTransport
{
    public static HttpClient Create(ClientConfig config)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = !IsLocal(config.Server.Host),
            UseCookies = false,
            AllowAutoRedirect = false,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            // A watch is silent for a minute at a time: pings tell a quiet server from a dead one.
            KeepAlivePingDelay = TimeSpan.FromSeconds(15),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(5),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            EnableMultipleHttp2Connections = true,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
            // Names may move to another server; open streams are not cut by this.
            PooledConnectionLifetime = TimeSpan.FromMinutes(30),
            SslOptions = TlsOptions(config),
        };
        return new HttpClient(handler)
        {
            BaseAddress = config.Server,
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
    }

    private static SslClientAuthenticationOptions TlsOptions(ClientConfig config)
    {
        var options = new SslClientAuthenticationOptions { TargetHost = config.TlsServerName };
        if (config.CertificateAuthorityPem is { } authorities)
            options.CertificateChainPolicy = Trust(authorities);
        if (config.ClientCertificatePem is { } certificate && config.ClientKeyPem is { } key)
            options.ClientCertificateContext = ClientCertificate(certificate, key);
        return options;
    }

    private static X509ChainPolicy Trust(string authorities)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPem(authorities);
        if (policy.CustomTrustStore.Count == 0)
            throw new ClientConfigException("The certificate authority file holds no certificate.");
        return policy;
    }

    private static SslStreamCertificateContext ClientCertificate(string certificate, string key)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(certificate);
        return SslStreamCertificateContext.Create(X509Certificate2.CreateFromPem(certificate, key), chain, offline: true);
    }

    private static bool IsLocal(string host)
    {
        if (host is "localhost" || !IPAddress.TryParse(host.Trim('[', ']'), out var address))
            return host is "localhost" || !host.Contains('.', StringComparison.Ordinal);
        if (IPAddress.IsLoopback(address) || address.IsIPv6LinkLocal || address.IsIPv6UniqueLocal)
            return true;
        return address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes() is [10, ..] or [192, 168, ..] or [172, >= 16 and < 32, ..] or [169, 254, ..];
    }
}
