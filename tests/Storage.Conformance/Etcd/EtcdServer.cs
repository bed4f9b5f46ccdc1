using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using ControlPlane.Api.Storage.Etcd;

namespace ControlPlane.Storage.Conformance.Etcd;

/// <summary>A real etcd on loopback with a directory of its own. It can be killed and started again.</summary>
public sealed class EtcdServer : IAsyncLifetime
{
    private const string Program = "/usr/bin/etcd";
    private readonly TemporaryDirectory _directory = new();
    private readonly int _clientPort = FreePort();
    private readonly int _peerPort = FreePort();
    private Process? _process;

    public EtcdStoreOptions Options(string prefix) => new([new Uri($"http://127.0.0.1:{_clientPort}")]) { Prefix = prefix };

    public async Task InitializeAsync() => await StartAsync();

    public async Task StartAsync()
    {
        Assert.True(File.Exists(Program), $"{Program} is missing: install etcd-server (hack/test does).");
        string client = $"http://127.0.0.1:{_clientPort}";
        string peer = $"http://127.0.0.1:{_peerPort}";
        var start = new ProcessStartInfo(Program)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            ArgumentList =
            {
                "--name", "one", "--data-dir", Path.Combine(_directory.Path, "data"),
                "--listen-client-urls", client, "--advertise-client-urls", client,
                "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", $"one={peer}",
                "--logger", "zap", "--log-level", "error",
            },
        };
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await using EtcdRevisionStore probe = await EtcdRevisionStore.ConnectAsync(Options("/probe") with { RequestTimeout = TimeSpan.FromSeconds(30) }, deadline.Token);
        await probe.CurrentRevisionAsync(deadline.Token);
    }

    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    public async Task<int> CountLeasesAsync(CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        using var body = new StringContent("{}");
        using HttpResponseMessage response = await http.PostAsync(new Uri($"http://127.0.0.1:{_clientPort}/v3/lease/leases"), body, cancellationToken);
        using JsonDocument answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
        return answer.RootElement.GetProperty("leases").GetArrayLength();
    }

    public async Task DisposeAsync()
    {
        await KillAsync();
        _directory.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
