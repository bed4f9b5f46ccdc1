using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ControlPlane.Api.Server.Requests;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace ControlPlane.Api.Server.Hosting;

/// <summary>TLS listeners that ask for a client certificate and speak HTTP/2 and HTTP/1.1.</summary>
internal static class KestrelSetup
{
    public static void Configure(KestrelServerOptions kestrel, ApiServerOptions options)
    {
        kestrel.AddServerHeader = false;
        // The body limit is the API's own, so that its answer is a Status.
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(15);
        // Watches, logs and streams may be silent for as long as they like.
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(3);
        var certificate = LoadCertificate(options.TlsCert, options.TlsKey);
        foreach (var address in options.Listen.Split(','))
        {
            var uri = new Uri(address);
            kestrel.Listen(new IPEndPoint(AddressOf(uri), uri.Port), listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(new HttpsConnectionAdapterOptions
                {
                    ServerCertificate = certificate,
                    SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                    ClientCertificateMode = ClientCertificateMode.AllowCertificate,
                    // Whose certificate it is, and whether it counts, is for authentication to say, with a Status.
                    ClientCertificateValidation = static (_, _, _) => true,
                });
            });
        }
    }

    /// <summary>A certificate with its key; further certificates of the file are its chain.</summary>
    public static X509Certificate2 LoadCertificate(string certificateFile, string keyFile) => X509Certificate2.CreateFromPemFile(certificateFile, keyFile);

    public static X509Certificate2Collection LoadAuthorities(string file)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(file);
        return authorities;
    }

    private static IPAddress AddressOf(Uri uri) => uri.Host == "localhost" ? IPAddress.Loopback : IPAddress.Parse(uri.Host.Trim('[', ']'));
}
