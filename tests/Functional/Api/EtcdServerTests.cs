using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ControlPlane.Testing;

namespace ControlPlane.Functional.Api;

/// <summary>The server on a real etcd: what depends on the backend.</summary>
public sealed class EtcdServerTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("controlplane-etcd-").FullName;
    private Process? _etcd;
    private TestCluster? _cluster;

    public async Task InitializeAsync()
    {
        var client = $"http://127.0.0.1:{FreePort()}";
        var peer = $"http://127.0.0.1:{FreePort()}";
        var start = new ProcessStartInfo("etcd",
        [
            "--name", "t", "--data-dir", _directory, "--listen-client-urls", client, "--advertise-client-urls", client,
            "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "t=" + peer, "--log-level", "error",
        ]);
        _etcd = Process.Start(start)!;
        using var http = new HttpClient();
        await Eventually.BeAsync(async () => await IsUpAsync(http, client), "etcd answers");
        _cluster = await TestCluster.StartAsync(new TestClusterOptions { Storage = client.Replace("http://", "etcd://", StringComparison.Ordinal) });
    }

    public async Task DisposeAsync()
    {
        if (_cluster is not null)
            await _cluster.DisposeAsync();
        _etcd?.Kill();
        _etcd?.WaitForExit();
        _etcd?.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Server_OnEtcd_ListsWatchesAndPagesConsistently()
    {
        using var http = _cluster!.CreateHttpClient();
        const string Path = "/api/v1/namespaces/default/configmaps";
        for (var i = 0; i < 5; i++)
            Assert.Equal(201, (await http.SendJsonAsync(HttpMethod.Post, Path, $$$"""{"metadata":{"name":"c{{{i}}}"} }""")).Code);

        var first = (await http.ReadAsync(Path + "?limit=2")).Json;
        await http.SendJsonAsync(HttpMethod.Delete, Path + "/c4", null);
        var second = (await http.ReadAsync($"{Path}?limit=10&continue={first["metadata"]!["continue"]}")).Json;
        var events = await http.WatchAsync($"{Path}?watch=1&resourceVersion={first["metadata"]!["resourceVersion"]}", 2,
            () => http.SendJsonAsync(HttpMethod.Patch, Path + "/c0", """{"data":{"k":"v"}}""", "application/merge-patch+json"));

        Assert.Equal(["c2", "c3", "c4"], second["items"]!.AsArray().Select(i => (string?)i!["metadata"]!["name"]));
        Assert.Equal(["DELETED c4", "MODIFIED c0"], events.Select(e => $"{e["type"]} {e["object"]!["metadata"]!["name"]}"));
        Assert.Equal(4, (await http.ReadAsync(Path)).Json["items"]!.AsArray().Count);
    }

    private static async Task<bool> IsUpAsync(HttpClient http, string url)
    {
        try
        {
            return (await http.GetAsync(url + "/health")).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
