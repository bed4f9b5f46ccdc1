using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ControlPlane.Agent.Tests.Streaming;

/// <summary>Every kubectl on the machine, over WebSocket and over SPDY, against the stream servers.</summary>
public sealed class KubectlStreamTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string _home = Directory.CreateTempSubdirectory("kubectl-streams-").FullName;
    private OnePodServer _server = null!;

    public static TheoryData<string, bool> Clients()
    {
        var clients = new TheoryData<string, bool>();
        foreach (var kubectl in Kubectls())
        {
            clients.Add(kubectl, true);
            clients.Add(kubectl, false);
        }

        return clients;
    }

    public async Task InitializeAsync() => _server = await OnePodServer.StartAsync();

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_home, recursive: true);
    }

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task Exec_WithOutputs_KeepsThemApartAndReturnsTheExitCode(string kubectl, bool webSockets)
    {
        var result = await RunAsync(kubectl, webSockets, "", "exec", "p", "--", "sh", "-c", "echo out; echo err >&2; exit 7");
        Assert.Equal("out\n", result.Output);
        Assert.StartsWith("err\n", result.Error, StringComparison.Ordinal);
        Assert.Contains("exit code 7", result.Error, StringComparison.Ordinal);
        Assert.Equal(7, result.ExitCode);
    }

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task Exec_WithStdin_EndsWhenTheInputEnds(string kubectl, bool webSockets)
    {
        var input = string.Concat(Enumerable.Range(0, 20_000).Select(i => i.ToString(CultureInfo.InvariantCulture) + "\n"));
        var result = await RunAsync(kubectl, webSockets, input, "exec", "-i", "p", "--", "cat");
        Assert.Equal(input, result.Output);
        Assert.Equal(0, result.ExitCode);
    }

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task Exec_OfALargeOutput_LosesNothing(string kubectl, bool webSockets)
    {
        var result = await RunAsync(kubectl, webSockets, "", "exec", "p", "--", "sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' x");
        Assert.Equal(3_000_000, result.Output.Length);
        Assert.Equal(0, result.ExitCode);
    }

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task Cp_BothWays_CopiesTheFile(string kubectl, bool webSockets)
    {
        var source = Path.Combine(_home, "source.txt");
        var inPod = Path.Combine(_home, "in-pod.txt");
        var back = Path.Combine(_home, "back.txt");
        await File.WriteAllTextAsync(source, "copied");
        var there = await RunAsync(kubectl, webSockets, "", "cp", source, "p:" + inPod);
        Assert.True(there.ExitCode == 0, there.Error);
        var here = await RunAsync(kubectl, webSockets, "", "cp", "p:" + inPod, back);
        Assert.True(here.ExitCode == 0, here.Error);
        Assert.Equal("copied", await File.ReadAllTextAsync(back));
    }

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task PortForward_SeveralConnections_EchoEach(string kubectl, bool webSockets)
    {
        using var echo = new TcpListener(IPAddress.Loopback, 0);
        echo.Start();
        var serving = ServeEchoAsync(echo, 3);
        using var process = Start(kubectl, webSockets, "port-forward", "pod/p", $":{((IPEndPoint)echo.LocalEndpoint).Port}");
        try
        {
            var line = await process.StandardOutput.ReadLineAsync().WaitAsync(Patience) ?? await process.StandardError.ReadToEndAsync();
            var local = int.Parse(line.Split("127.0.0.1:")[1].Split(' ')[0], CultureInfo.InvariantCulture);
            for (var i = 0; i < 3; i++)
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, local);
                await using var stream = client.GetStream();
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"hello {i}"));
                client.Client.Shutdown(SocketShutdown.Send);
                using var reader = new StreamReader(stream);
                Assert.Equal($"hello {i}", await reader.ReadToEndAsync().WaitAsync(Patience));
            }

            await serving.WaitAsync(Patience);
        }
        catch (Exception e) when (e is SocketException or IOException or TimeoutException)
        {
            process.Kill();
            throw new IOException($"{e.Message}; kubectl says: {await process.StandardError.ReadToEndAsync()}", e);
        }
        finally
        {
            process.Kill();
        }
    }

    private static async Task ServeEchoAsync(TcpListener listener, int connections)
    {
        for (var i = 0; i < connections; i++)
        {
            using var client = await listener.AcceptTcpClientAsync();
            await using var stream = client.GetStream();
            await stream.CopyToAsync(stream);
        }
    }

    /// <summary>The kubectl on PATH, other versions installed beside it as kubectl.1.NN, and those that hack/test fetched.</summary>
    private static IEnumerable<string> Kubectls()
    {
        var onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(static folder => new FileInfo(Path.Combine(folder, "kubectl"))).FirstOrDefault(static file => file.Exists)
            ?? throw new InvalidOperationException("kubectl is not on PATH; hack/test installs it.");
        var real = onPath.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? onPath.FullName;
        string?[] folders = [Path.GetDirectoryName(real), Environment.GetEnvironmentVariable("CONTROLPLANE_KUBECTLS")];
        return [real, .. folders.Where(Directory.Exists).SelectMany(static folder => Directory.EnumerateFiles(folder!, "kubectl.1.*")).Order(StringComparer.Ordinal)];
    }

    private Process Start(string kubectl, bool webSockets, params string[] arguments)
    {
        var start = new ProcessStartInfo(kubectl)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["HOME"] = _home,
                ["KUBECONFIG"] = "/dev/null",
                ["NO_PROXY"] = "127.0.0.1",
                ["KUBECTL_REMOTE_COMMAND_WEBSOCKETS"] = webSockets ? "true" : "false",
                ["KUBECTL_PORT_FORWARD_WEBSOCKETS"] = webSockets ? "true" : "false",
            },
        };
        foreach (var argument in (string[])["--server", _server.Url, .. arguments])
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    private async Task<(int ExitCode, string Output, string Error)> RunAsync(string kubectl, bool webSockets, string input, params string[] arguments)
    {
        using var process = Start(kubectl, webSockets, arguments);
        using var patience = new CancellationTokenSource(Patience);
        var output = process.StandardOutput.ReadToEndAsync(patience.Token);
        var error = process.StandardError.ReadToEndAsync(patience.Token);
        await process.StandardInput.WriteAsync(input.AsMemory(), patience.Token);
        process.StandardInput.Close();
        await process.WaitForExitAsync(patience.Token);
        return (process.ExitCode, await output, await error);
    }
}
