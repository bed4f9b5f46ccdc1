using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ControlPlane.Node.Tests.Images;

/// <summary>Debian's docker-registry on a loopback port, with its storage in a directory that goes with it.</summary>
public sealed class DockerRegistry : IDisposable
{
    // bcrypt of "secret"
    private const string Users = "alice:$2b$04$GZonPJP8.MZTfg7mYtmJduYunbLSiqa64wGACx16QVRN6Tb8BBKh.\n";

    private readonly string _directory = Directory.CreateTempSubdirectory("cp-registry-").FullName;
    private readonly Process _process;

    private DockerRegistry(bool withUsers)
    {
        Port = FreePort();
        var auth = "";
        if (withUsers)
        {
            File.WriteAllText(Path.Combine(_directory, "users"), Users);
            auth = $"auth:\n  htpasswd:\n    realm: test\n    path: {_directory}/users\n";
        }

        File.WriteAllText(
            Path.Combine(_directory, "config.yml"),
            $"version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: {_directory}/data\n"
            + $"  delete:\n    enabled: true\nhttp:\n  addr: 127.0.0.1:{Port}\n{auth}");
        _process = Process.Start(new ProcessStartInfo("docker-registry", ["serve", Path.Combine(_directory, "config.yml")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Port { get; }

    public string DataDirectory => Path.Combine(_directory, "data");

    public static async Task<DockerRegistry> StartAsync(bool withUsers = false)
    {
        var registry = new DockerRegistry(withUsers);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var deadline = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await http.GetAsync(new Uri($"http://127.0.0.1:{registry.Port}/v2/"));
                return registry;
            }
            catch (HttpRequestException) when (deadline.Elapsed < TimeSpan.FromSeconds(20) && !registry._process.HasExited)
            {
                await Task.Delay(50);
            }
        }
    }

    /// <summary>Copies one of hack/images' archives into the registry and returns the image's name.</summary>
    public string Push(string archive, string repository, string? user = null)
    {
        string[] login = user is null ? [] : ["--dest-creds", user];
        ImageStoreFixture.Run(
            "skopeo",
            ["--insecure-policy", "copy", "-q", "--dest-tls-verify=false", .. login, "oci-archive:" + ImageStoreFixture.Archive(archive),
                $"docker://127.0.0.1:{Port}/{repository}"]);
        return $"127.0.0.1:{Port}/{repository}";
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
