using System.Security.Cryptography.X509Certificates;
using ControlPlane.Api.Client;
using ControlPlane.Api.Server;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Testing;

/// <summary>A real API server in this process, on a loopback port over TLS, with a store and a certificate authority of its own. Leaves nothing behind.</summary>
public sealed class TestCluster : IAsyncDisposable
{
    private readonly TestClusterOptions _options;
    private readonly ApiServerOptions _serverOptions;
    private readonly List<ApiClient> _clients = [];
    private readonly List<HttpClient> _httpClients = [];
    private ApiServer? _server;

    private TestCluster(TestClusterOptions options, string directory)
    {
        _options = options;
        DirectoryPath = directory;
        Pki = new TestPki(Path.Combine(directory, "pki"));
        var server = Pki.IssueServer("controlplane-api-server");
        var agentClient = Pki.IssueClient("controlplane-api-server", "system:agent-clients");
        var serverOptions = new ApiServerOptions
        {
            Listen = "https://127.0.0.1:0",
            TlsCert = server.CertificateFile,
            TlsKey = server.KeyFile,
            ClientCa = Pki.AuthorityFile,
            ClusterCa = Pki.AuthorityFile,
            Storage = options.Storage ?? "embedded://" + Path.Combine(directory, "store"),
            EncryptionKey = Path.Combine(directory, "encryption.key"),
            ServiceAccountKey = Pki.NewKeyFile("service-account.key"),
            AgentClientCert = agentClient.CertificateFile,
            AgentClientKey = agentClient.KeyFile,
        };
        _serverOptions = options.Configure?.Invoke(serverOptions) ?? serverOptions;
    }

    /// <summary>The cluster's own directory, gone after it.</summary>
    public string DirectoryPath { get; }

    /// <summary>Issues further identities.</summary>
    public TestPki Pki { get; }

    /// <summary>What the server logged.</summary>
    public TestLog Log { get; } = new();

    /// <summary>Where the server listens.</summary>
    public Uri Address => Server.Addresses[0];

    /// <summary>The running server.</summary>
    public ApiServer Server => _server ?? throw new InvalidOperationException("The server is stopped.");

    /// <summary>Kubeconfig of somebody who may do everything.</summary>
    public string AdminKubeconfigPath => KubeconfigFor("admin", "system:masters");

    /// <summary>Starts a cluster.</summary>
    public static async Task<TestCluster> StartAsync(TestClusterOptions? options = null)
    {
        var cluster = new TestCluster(options ?? new TestClusterOptions(), Directory.CreateTempSubdirectory("controlplane-test-").FullName);
        try
        {
            await cluster.StartServerAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the server on what the last one stored, on the same port.</summary>
    public async Task RestartServerAsync()
    {
        var address = Address;
        await StopServerAsync();
        _server = await ApiServer.StartAsync(_serverOptions with { Listen = address.GetLeftPart(UriPartial.Authority) }, logging => logging.AddProvider(Log));
    }

    /// <summary>Stops the server; the store stays.</summary>
    public async Task StopServerAsync()
    {
        if (Interlocked.Exchange(ref _server, null) is { } server)
            await server.DisposeAsync();
    }

    /// <summary>A client with a certificate for this user.</summary>
    public ApiClient CreateClient(string user = "admin", params string[] groups)
    {
        var client = new ApiClient(ClientConfig.FromKubeconfig(KubeconfigFor(user, user == "admin" && groups.Length == 0 ? ["system:masters"] : groups)));
        _clients.Add(client);
        return client;
    }

    /// <summary>Plain HTTP with a certificate for this user, for what no client library would send.</summary>
    public HttpClient CreateHttpClient(string user = "admin", params string[] groups) =>
        CreateHttpClient(Pki.IssueClient(user, user == "admin" && groups.Length == 0 ? ["system:masters"] : groups));

    /// <summary>Plain HTTP with this certificate, or with none.</summary>
    public HttpClient CreateHttpClient(IssuedCertificate? identity)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, EnableMultipleHttp2Connections = true };
        if (identity is not null)
            handler.SslOptions.ClientCertificates = [X509Certificate2.CreateFromPemFile(identity.CertificateFile, identity.KeyFile)];
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(Pki.AuthorityFile));
        var client = new HttpClient(handler) { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(30) };
        _httpClients.Add(client);
        return client;
    }

    /// <summary>kubectl of this version (the newest by default), as this user.</summary>
    public Kubectl Kubectl(string? program = null, string user = "admin", params string[] groups) =>
        new(program ?? Testing.Kubectl.Newest, KubeconfigFor(user, user == "admin" && groups.Length == 0 ? ["system:masters"] : groups), DirectoryPath);

    /// <summary>Writes a kubeconfig with a certificate for this user.</summary>
    public string KubeconfigFor(string user, params string[] groups)
    {
        var path = Path.Combine(DirectoryPath, string.Concat($"{user}-{string.Join('-', groups)}.kubeconfig".Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' ? c : '_')));
        if (File.Exists(path))
            return path;
        var identity = Pki.IssueClient(user, groups);
        File.WriteAllText(path, $$"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: test
              cluster:
                server: {{Address.GetLeftPart(UriPartial.Authority)}}
                certificate-authority: {{Pki.AuthorityFile}}
            users:
            - name: user
              user:
                client-certificate: {{identity.CertificateFile}}
                client-key: {{identity.KeyFile}}
            contexts:
            - name: test
              context: {cluster: test, user: user}
            current-context: test
            """);
        return path;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            client.Dispose();
        foreach (var client in _httpClients)
            client.Dispose();
        await StopServerAsync();
        Pki.Dispose();
        Directory.Delete(DirectoryPath, recursive: true);
        if (!_options.ExpectsErrors && Log.Errors is { Count: > 0 } errors)
            throw new InvalidOperationException("The server logged errors:\n" + string.Join('\n', errors));
    }

    private async Task StartServerAsync() => _server = await ApiServer.StartAsync(_serverOptions, logging => logging.AddProvider(Log));
}
