using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ControlPlane.Benchmarks.Store;

/// <summary>A real etcd on loopback, synced as it ships.</summary>
internal sealed class EtcdProcess : IDisposable
{
    private readonly Process _process;

    public EtcdProcess(string directory)
    {
        Endpoint = new Uri($"http://127.0.0.1:{FreePort()}");
        string peer = $"http://127.0.0.1:{FreePort()}";
        string client = Endpoint.ToString().TrimEnd('/');
        Flags =
        [
            "--name", "one", "--data-dir", directory, "--listen-client-urls", client, "--advertise-client-urls", client,
            "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", $"one={peer}",
            "--logger", "zap", "--log-level", "error", "--log-outputs", "/dev/null",
        ];
        _process = Process.Start(new ProcessStartInfo("etcd", Flags))!;
    }

    public Uri Endpoint { get; }

    public IReadOnlyList<string> Flags { get; }

    public string Version { get; } = ReadVersion();

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static string ReadVersion()
    {
        using Process process = Process.Start(new ProcessStartInfo("etcd", "--version") { RedirectStandardOutput = true })!;
        string all = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return all.Split('\n')[0];
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
