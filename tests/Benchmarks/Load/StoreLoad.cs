using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ControlPlane.Api.Client;
using ControlPlane.Benchmarks.Reports;
using ControlPlane.Testing.Processes;

namespace ControlPlane.Benchmarks.Load;

/// <summary>Creates and lists of ConfigMaps of 1 KiB through the whole API server, on the embedded store beside etcd.</summary>
internal static class StoreLoad
{
    private const int Objects = 10_000, Connections = 32, Lists = 5;
    private static readonly string Filler = new('x', 900);

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(int rounds, CancellationToken cancellationToken)
    {
        await using var embedded = await Cluster.StartAsync("be", 20443, 155);
        await using var etcd = await Cluster.StartAsync("bt", 21443, 165, "--etcd");
        using var ours = Client(embedded);
        using var peer = Client(etcd);
        foreach (var cluster in (Cluster[])[embedded, etcd])
        {
            using var stranger = Stranger(cluster);
            await Guarantees.AssertAsync(cluster, stranger, cancellationToken);
        }

        List<double> ourCreates = [], peerCreates = [], ourLists = [], peerLists = [];
        for (var round = 0; round < rounds; round++)
        {
            ourCreates.Add(await CreateAsync(ours, round, cancellationToken));
            peerCreates.Add(await CreateAsync(peer, round, cancellationToken));
            ourLists.Add(await ListAsync(ours, round, cancellationToken));
            peerLists.Add(await ListAsync(peer, round, cancellationToken));
        }

        var clients = Connections.ToString(CultureInfo.InvariantCulture);
        return
        [
            Figure.Of($"creates of 1 KiB ConfigMaps, {clients} connections: embedded beside etcd", "1/s", ourCreates, peerCreates),
            Figure.Of("list of 10,000 ConfigMaps, p50: embedded beside etcd", "ms", ourLists, peerLists),
        ];
    }

    private static async Task<double> CreateAsync(HttpClient client, int round, CancellationToken cancellationToken)
    {
        var path = await NamespaceAsync(client, round, cancellationToken);
        var next = -1;
        var clock = Stopwatch.StartNew();
        async Task WorkAsync()
        {
            int i;
            while ((i = Interlocked.Increment(ref next)) < Objects)
            {
                var body = $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"load-{{{i}}}"},"data":{"pad":"{{{Filler}}}"}}""";
                await PostAsync(client, path, body, cancellationToken);
            }
        }

        await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => WorkAsync()));
        return Objects / clock.Elapsed.TotalSeconds;
    }

    private static async Task<double> ListAsync(HttpClient client, int round, CancellationToken cancellationToken)
    {
        var samples = new List<double>();
        for (var i = 0; i < Lists; i++)
        {
            var clock = Stopwatch.StartNew();
            var bytes = await client.GetByteArrayAsync(new Uri($"api/v1/namespaces/bench-{round}/configmaps", UriKind.Relative), cancellationToken);
            samples.Add(clock.Elapsed.TotalMilliseconds);
            if (bytes.Length < Objects * Filler.Length)
                throw new InvalidDataException($"The list has {bytes.Length} bytes: it is not whole.");
        }

        return Samples.Median(samples);
    }

    private static async Task<string> NamespaceAsync(HttpClient client, int round, CancellationToken cancellationToken)
    {
        await PostAsync(client, "api/v1/namespaces", $$$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"bench-{{{round}}}"}}""", cancellationToken);
        return $"api/v1/namespaces/bench-{round}/configmaps";
    }

    private static async Task PostAsync(HttpClient client, string path, string body, CancellationToken cancellationToken)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(new Uri(path, UriKind.Relative), content, cancellationToken);
        if (response.StatusCode != HttpStatusCode.Created)
            throw new HttpRequestException($"{path}: {response.StatusCode} {await response.Content.ReadAsStringAsync(cancellationToken)}");
    }

    /// <summary>HTTP/1.1 keep-alive, as many connections as workers, as the peers' load generators do it.</summary>
    private static HttpClient Client(Cluster cluster)
    {
        var config = ClientConfig.FromKubeconfig(cluster.AdminConfig);
        var handler = TrustingHandler(config);
        handler.SslOptions.ClientCertificates = [X509Certificate2.CreateFromPem(config.ClientCertificatePem!, config.ClientKeyPem!)];
        return Client(handler, config);
    }

    /// <summary>A client without credentials.</summary>
    private static HttpClient Stranger(Cluster cluster)
    {
        var config = ClientConfig.FromKubeconfig(cluster.AdminConfig);
        return Client(TrustingHandler(config), config);
    }

    private static HttpClient Client(SocketsHttpHandler handler, ClientConfig config) =>
        new(handler) { BaseAddress = config.Server, DefaultRequestVersion = HttpVersion.Version11, Timeout = TimeSpan.FromMinutes(2) };

    private static SocketsHttpHandler TrustingHandler(ClientConfig config)
    {
        var handler = new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = Connections };
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { X509Certificate2.CreateFromPem(config.CertificateAuthorityPem!) },
            RevocationMode = X509RevocationMode.NoCheck,
        };
        return handler;
    }
}
