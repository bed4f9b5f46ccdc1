using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ControlPlane.Api.Server.Errors;

namespace ControlPlane.Api.Server.Authentication;

/// <summary>A client certificate of our CA: the common name is the user, each organization a group.</summary>
internal sealed partial class ClientCertificateAuthenticator(X509Certificate2Collection authorities, TimeProvider time, ILogger<ClientCertificateAuthenticator> logger) : IAuthenticator
{
    private const string CommonName = "2.5.4.3";
    private const string Organization = "2.5.4.10";
    private const string ClientUsage = "1.3.6.1.5.5.7.3.2";

    // One entry per connection: a connection keeps its certificate object for life.
    private readonly ConditionalWeakTable<X509Certificate2, Verified> _verified = [];

    public UserInfo? Authenticate(HttpContext context)
    {
        if (context.Connection.ClientCertificate is not { } certificate)
            return null;
        var verified = _verified.GetValue(certificate, Verify);
        if (verified.User is null || verified.NotAfter < time.GetUtcNow())
            throw ApiErrors.Unauthorized();
        return verified.User;
    }

    private Verified Verify(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientUsage));
        chain.ChainPolicy.VerificationTime = time.GetUtcNow().LocalDateTime;
        if (!chain.Build(certificate))
        {
            Log.Refused(logger, certificate.Subject, string.Join("; ", chain.ChainStatus.Select(s => s.StatusInformation)));
            return new Verified(null, DateTimeOffset.MinValue);
        }
        string? name = null;
        var groups = new List<string>();
        foreach (var part in certificate.SubjectName.EnumerateRelativeDistinguishedNames())
        {
            if (part.HasMultipleElements)
                continue;
            if (part.GetSingleElementType().Value == CommonName)
                name ??= part.GetSingleElementValue();
            else if (part.GetSingleElementType().Value == Organization && part.GetSingleElementValue() is { } group)
                groups.Add(group);
        }
        return string.IsNullOrEmpty(name)
            ? new Verified(null, DateTimeOffset.MinValue)
            : new Verified(new UserInfo(name, groups).Authenticated(), certificate.NotAfter.ToUniversalTime());
    }

    private sealed record Verified(UserInfo? User, DateTimeOffset NotAfter);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Refused client certificate {Subject}: {Problems}")]
        public static partial void Refused(ILogger logger, string subject, string problems);
    }
}
