namespace ControlPlane.Api.Client.Configuration;

internal static class InClusterReader
{
    private const string Folder = "/var/run/secrets/kubernetes.io/serviceaccount";

    public static bool IsInCluster => Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST") is { Length: > 0 } && File.Exists(Folder + "/token");

    public static ClientConfig Read()
    {
        var host = Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST");
        var port = Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_PORT") ?? "443";
        if (string.IsNullOrEmpty(host))
            throw new ClientConfigException("KUBERNETES_SERVICE_HOST is not set: this is no pod.");
        try
        {
            return new ClientConfig
            {
                Server = new Uri($"https://{(host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host)}:{port}"),
                CertificateAuthorityPem = File.ReadAllText(Folder + "/ca.crt"),
                TokenFile = Folder + "/token",
                Namespace = File.Exists(Folder + "/namespace") ? File.ReadAllText(Folder + "/namespace").Trim() : "default",
            };
        }
        catch (IOException e)
        {
            throw new ClientConfigException($"The service account under {Folder} cannot be read: {e.Message}", e);
        }
    }
}
