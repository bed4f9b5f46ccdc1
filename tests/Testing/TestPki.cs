using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ControlPlane.Testing;

/// <summary>A certificate authority of a test's own, in a directory, and the certificates it issues.</summary>
public sealed class TestPki : IDisposable
{
    private const string ServerUsage = "1.3.6.1.5.5.7.3.1";
    private const string ClientUsage = "1.3.6.1.5.5.7.3.2";
    private static readonly TimeSpan Validity = TimeSpan.FromDays(1);

    private readonly string _directory;
    private readonly X509Certificate2 _authority;

    /// <summary>Makes the authority and writes its certificate to <see cref="AuthorityFile"/>.</summary>
    public TestPki(string directory)
    {
        _directory = directory;
        Directory.CreateDirectory(directory);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=controlplane-test-ca", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        var now = DateTimeOffset.UtcNow;
        _authority = request.CreateSelfSigned(now - TimeSpan.FromMinutes(5), now + Validity);
        AuthorityFile = Path.Combine(directory, "ca.crt");
        File.WriteAllText(AuthorityFile, _authority.ExportCertificatePem());
    }

    /// <summary>The authority's certificate, PEM.</summary>
    public string AuthorityFile { get; }

    /// <summary>A certificate for a server on loopback, that may also call others.</summary>
    public IssuedCertificate IssueServer(string name, IReadOnlyList<string>? groups = null) => Issue(name, groups ?? [], isServer: true);

    /// <summary>A client certificate: who, in which groups.</summary>
    public IssuedCertificate IssueClient(string user, params string[] groups) => Issue(user, groups, isServer: false);

    /// <summary>A new private key, PEM; for signing tokens.</summary>
    public string NewKeyFile(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var file = Path.Combine(_directory, name);
        File.WriteAllText(file, key.ExportECPrivateKeyPem());
        return file;
    }

    /// <inheritdoc/>
    public void Dispose() => _authority.Dispose();

    private IssuedCertificate Issue(string name, IReadOnlyList<string> groups, bool isServer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var subject = new X500DistinguishedNameBuilder();
        foreach (var group in groups)
            subject.AddOrganizationName(group);
        subject.AddCommonName(name);
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        var usages = new OidCollection { new Oid(ClientUsage) };
        if (isServer)
        {
            usages.Add(new Oid(ServerUsage));
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName("localhost");
            names.AddIpAddress(IPAddress.Loopback);
            request.CertificateExtensions.Add(names.Build());
        }
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(usages, false));
        var now = DateTimeOffset.UtcNow;
        using var certificate = request.Create(_authority, now - TimeSpan.FromMinutes(5), now + Validity - TimeSpan.FromMinutes(10), RandomNumberGenerator.GetBytes(16));
        var stem = Path.Combine(_directory, Guid.NewGuid().ToString("N"));
        var issued = new IssuedCertificate(stem + ".crt", stem + ".key");
        File.WriteAllText(issued.CertificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(issued.KeyFile, key.ExportECPrivateKeyPem());
        return issued;
    }
}

/// <summary>A certificate and its private key, as PEM files.</summary>
/// <param name="CertificateFile">Certificate.</param>
/// <param name="KeyFile">Private key.</param>
public sealed record IssuedCertificate(string CertificateFile, string KeyFile);
