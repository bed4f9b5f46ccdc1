using ControlPlane.Api.Client.Configuration;

namespace ControlPlane.Api.Client;

/// <summary>Where the API is and who asks.</summary>
public sealed record ClientConfig
{
    /// <summary>Address, e.g. https://127.0.0.1:6443.</summary>
    public required Uri Server { get; init; }

    /// <summary>PEM of the authorities that may vouch for the server; unset = the system's.</summary>
    public string? CertificateAuthorityPem { get; init; }

    /// <summary>Name to expect in the server's certificate; unset = the address' host.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>PEM of the client certificate, followed by its intermediates.</summary>
    public string? ClientCertificatePem { get; init; }

    /// <summary>PEM of the client certificate's key.</summary>
    public string? ClientKeyPem { get; init; }

    /// <summary>Bearer token.</summary>
    public string? Token { get; init; }

    /// <summary>File with the bearer token, read again every minute since tokens expire.</summary>
    public string? TokenFile { get; init; }

    /// <summary>Namespace of the context.</summary>
    public string Namespace { get; init; } = "default";

    /// <summary>Sent with every request; names the field manager where no other is given.</summary>
    public string UserAgent { get; init; } = AppDomain.CurrentDomain.FriendlyName;

    /// <summary>Longest time for one answer; watches excepted.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Reads a kubeconfig file.</summary>
    /// <param name="path">The file; relative paths in it are relative to its folder.</param>
    /// <param name="context">Name of the context; unset = the file's current one.</param>
    /// <exception cref="ClientConfigException">The file cannot be read or says something we cannot do.</exception>
    public static ClientConfig FromKubeconfig(string path, string? context = null) => KubeconfigReader.Read(path, context);

    /// <summary>For a program in a pod: the pod's service account.</summary>
    /// <exception cref="ClientConfigException">Not in a pod.</exception>
    public static ClientConfig InCluster() => InClusterReader.Read();

    /// <summary>The given file, or $KUBECONFIG, or the pod's service account, or ~/.kube/config.</summary>
    /// <exception cref="ClientConfigException">None of them is there, or it is wrong.</exception>
    public static ClientConfig Find(string? kubeconfig = null, string? context = null)
    {
        if (!string.IsNullOrEmpty(kubeconfig))
            return FromKubeconfig(kubeconfig, context);
        if (Environment.GetEnvironmentVariable("KUBECONFIG") is { Length: > 0 } path)
            return FromKubeconfig(path, context);
        if (InClusterReader.IsInCluster)
            return InCluster();
        return FromKubeconfig(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".kube", "config"), context);
    }

    /// <summary>The server only: the rest is secret.</summary>
    public override string ToString() => Server.ToString();
}
