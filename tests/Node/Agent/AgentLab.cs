using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using ControlPlane.Api.Client;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Serialization;
using ControlPlane.Api.Server;
using ControlPlane.Node.Tests.Images;
using ControlPlane.Node.Tests.Shims;

namespace ControlPlane.Node.Tests.Agent;

/// <summary>
/// One node as a process in a network namespace of its own, and an API server in this process that it can reach: the real agent, shim,
/// runc and CNI plug-ins. No controllers: pods are bound to the node by hand. After it nothing is left on the machine.
/// </summary>
internal sealed class AgentLab : IAsyncDisposable
{
    public const string Busybox = "controlplane.local/busybox:1";
    private const string NodeName = "n1";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static int _last = Environment.ProcessId % 200;

    private readonly string _id = "cpa" + Guid.NewGuid().ToString("N")[..6];
    private readonly string _directory = Directory.CreateTempSubdirectory("cp-agent-").FullName;
    private readonly string _prefix;
    private ApiServer? _server;
    private Process? _agent;
    private int _names;

    private AgentLab() => _prefix = string.Create(CultureInfo.InvariantCulture, $"10.213.{1 + (Interlocked.Increment(ref _last) % 250)}");

    public ApiClient Client { get; private set; } = null!;

    public HttpClient Endpoint { get; private set; } = null!;

    public string Root => Path.Combine(_directory, "root");

    public string CgroupRoot => $"/controlplane-{_id}/{NodeName}";

    public string AgentLog => File.Exists(Path.Combine(_directory, "agent.log")) ? File.ReadAllText(Path.Combine(_directory, "agent.log")) : "";

    private string HostAddress => _prefix + ".1";

    private string NodeAddress => _prefix + ".2";

    public static async Task<AgentLab> StartAsync()
    {
        var lab = new AgentLab();
        try
        {
            lab.MakeNetwork();
            lab.MakeCertificates();
            Directory.CreateDirectory(Path.Combine(lab._directory, "images"));
            File.Copy(ImageStoreFixture.Archive("busybox"), Path.Combine(lab._directory, "images", "busybox.tar"));
            await lab.StartServerAsync();
            lab.Client = new ApiClient(ClientConfig.FromKubeconfig(lab.InLab("admin.kubeconfig")));
            lab.Endpoint = lab.CreateEndpointClient(lab.ServerIdentity());
            lab.StartAgent();
            await lab.EventuallyAsync("the node is ready", async () =>
                (await lab.Client.TryGetAsync<Api.Core.V1.Node>(new ObjectKey("", NodeName), default))?.Status?.Conditions.Any(c => c is { Type: "Ready", Status: "True" }) == true);
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    public async Task StartServerAsync() => _server = await ApiServer.StartAsync(new ApiServerOptions
    {
        Listen = $"https://{HostAddress}:6443",
        TlsCert = InLab("pki/api-server.crt"),
        TlsKey = InLab("pki/api-server.key"),
        ClientCa = InLab("pki/ca.crt"),
        ClusterCa = InLab("pki/ca.crt"),
        Storage = "embedded://" + InLab("store"),
        EncryptionKey = InLab("pki/encryption.key"),
        ServiceAccountKey = InLab("pki/service-account.key"),
        AgentClientCert = InLab("pki/api-server-agent-client.crt"),
        AgentClientKey = InLab("pki/api-server-agent-client.key"),
    });

    public async Task StopServerAsync()
    {
        await _server!.DisposeAsync();
        _server = null;
    }

    public void StartAgent()
    {
        var arguments = string.Join(' ', AgentArguments().Select(a => $"'{a}'"));
        _agent = Process.Start("sh", ["-c", $"exec nsenter --net=/run/netns/{_id} -- dotnet '{AgentProgram}' {arguments} >>'{InLab("agent.log")}' 2>&1"])!;
    }

    /// <summary>SIGKILL: no instruction of the agent runs after this one.</summary>
    public void KillAgent()
    {
        _agent!.Kill();
        _agent.WaitForExit();
        _agent.Dispose();
        _agent = null;
    }

    /// <summary>Creates a pod that is bound to the node.</summary>
    public Task<Pod> CreateAsync(params Container[] containers) => CreateAsync(new PodSpec { Containers = containers });

    public Task<Pod> CreateAsync(PodSpec spec) => CreateAsync(spec, new Dictionary<string, string>());

    public Task<Pod> CreateAsync(PodSpec spec, IReadOnlyDictionary<string, string> annotations) => Client.CreateAsync(
        new Pod
        {
            Metadata = new ObjectMeta { Namespace = "default", Name = "p" + Interlocked.Increment(ref _names), Annotations = annotations },
            Spec = spec with { NodeName = NodeName, TerminationGracePeriodSeconds = spec.TerminationGracePeriodSeconds ?? 1 },
        },
        default);

    public static Container Shell(string name, string script) => new() { Name = name, Image = Busybox, Command = ["sh", "-c", script] };

    public async Task<Pod> EventuallyAsync(Pod pod, string what, Func<Pod, bool> holds)
    {
        Pod? found = null;
        await EventuallyAsync($"{pod.Metadata.Name}: {what}", async () => (found = await Client.TryGetAsync<Pod>(ObjectKey.Of(pod), default)) is { } now && holds(now));
        return found!;
    }

    public Task<Pod> RunningAsync(Pod pod) => EventuallyAsync(pod, "is ready", p => p.Status?.Conditions.Any(c => c is { Type: "Ready", Status: "True" }) == true);

    public async Task DeleteAsync(Pod pod)
    {
        await Client.TryDeleteAsync<Pod>(ObjectKey.Of(pod), default);
        await EventuallyAsync($"{pod.Metadata.Name} is gone", async () => await Client.TryGetAsync<Pod>(ObjectKey.Of(pod), default) is null);
    }

    public Task<string> LogsAsync(Pod pod, string container, string query = "") =>
        Endpoint.GetStringAsync($"https://{NodeAddress}:10250/containerLogs/default/{pod.Metadata.Name}/{container}{query}");

    public Uri EndpointAddress(string path) => new($"https://{NodeAddress}:10250{path}");

    public async Task EventuallyAsync(string what, Func<Task<bool>> holds)
    {
        var clock = Stopwatch.StartNew();
        while (!await TryAsync(holds))
        {
            if (clock.Elapsed > Patience)
                throw new TimeoutException($"{what}: not within {Patience.TotalSeconds} s.\n{await DescribeAsync()}");
            await Task.Delay(50);
        }
    }

    /// <summary>The first processes of the pod's running containers, by container.</summary>
    public IReadOnlyDictionary<string, int> Pids(Pod pod)
    {
        var state = File.ReadAllText(Path.Combine(Root, "pods", pod.Metadata.Uid!, "state.json"));
        using var json = System.Text.Json.JsonDocument.Parse(state);
        return json.RootElement.GetProperty("containers").EnumerateObject()
            .ToDictionary(c => c.Name, c => c.Value.GetProperty("run").GetProperty("pid").GetInt32());
    }

    /// <summary>What pods have left on the machine.</summary>
    public IReadOnlyList<string> Traces() =>
    [
        .. File.ReadLines("/proc/mounts").Where(l => l.Contains(Root + "/pods", StringComparison.Ordinal)).Select(l => "mount " + l.Split(' ')[1]),
        .. Directory.Exists(Root + "/pods") ? Directory.GetDirectories(Root + "/pods") : [],
        .. Directory.GetDirectories("/sys/fs/cgroup", "pod*", SearchOption.AllDirectories).Where(d => d.Contains(_id, StringComparison.Ordinal)),
        .. Directory.Exists(Root + "/cni/attachments") ? Directory.GetFiles(Root + "/cni/attachments") : [],
        .. Directory.Exists(Root + "/cni/addresses") ? Directory.GetFiles(Root + "/cni/addresses", "10.*", SearchOption.AllDirectories) : [],
        .. Directory.GetDirectories("/proc").Where(IsOurs).Select(d => "process " + Path.GetFileName(d)),
    ];

    public async ValueTask DisposeAsync()
    {
        if (_agent is not null)
            KillAgent();
        var cleanup = Run("nsenter", ["--net=/run/netns/" + _id, "--", "dotnet", AgentProgram, "cleanup", .. CleanupArguments()]);
        var traces = Traces();
        Client?.Dispose();
        Endpoint?.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
        Run("ip", ["netns", "delete", _id]);
        var log = AgentLog;
        Directory.Delete(_directory, recursive: true);
        Assert.True(traces.Count == 0, $"the clean-up left: {string.Join(", ", traces)}\n{cleanup}\n{log}");
    }

    private static string AgentProgram => Path.Combine(AppContext.BaseDirectory, "ControlPlane.Agent.dll");

    private string InLab(string name) => Path.Combine(_directory, name);

    // As hack/down does: a node is cleaned without the API and without an identity.
    private IEnumerable<string> CleanupArguments() => ["--node-name", NodeName, "--root-dir", Root, "--cgroup-root", CgroupRoot, "--nft-table", _id];

    private IEnumerable<string> AgentArguments() =>
    [
        "--node-name", NodeName, "--node-ip", NodeAddress, "--kubeconfig", InLab("agent.kubeconfig"), "--root-dir", Root,
        "--listen", $"https://{NodeAddress}:10250", "--tls-cert", InLab("pki/node-n1.crt"), "--tls-key", InLab("pki/node-n1.key"),
        "--client-ca", InLab("pki/ca.crt"), "--shim", ShimBinary.Path, "--image-dir", InLab("images"), "--cgroup-root", CgroupRoot,
        "--nft-table", _id, "--pod-cidr", "10.244.77.0/24", "--verbose", "true",
    ];

    private static async Task<bool> TryAsync(Func<Task<bool>> holds)
    {
        try
        {
            return await holds();
        }
        catch (Exception e) when (e is ApiException or ApiUnreachableException or HttpRequestException)
        {
            return false;
        }
    }

    private async Task<string> DescribeAsync()
    {
        var pods = _server is null ? [] : (await Client.ListAsync<Pod>(ListOptions.All, default)).Items;
        return string.Join('\n', pods.Select(p => System.Text.Encoding.UTF8.GetString(ApiJson.Serialize(p.Status)))) + "\n" + AgentLog;
    }

    private void MakeNetwork()
    {
        Run("ip", ["netns", "add", _id]);
        Run("ip", ["link", "add", _id, "type", "veth", "peer", "name", "eth0", "netns", _id]);
        Run("ip", ["address", "add", HostAddress + "/30", "dev", _id]);
        Run("ip", ["link", "set", _id, "up"]);
        Run("ip", ["-n", _id, "link", "set", "lo", "up"]);
        Run("ip", ["-n", _id, "address", "add", NodeAddress + "/30", "dev", "eth0"]);
        Run("ip", ["-n", _id, "link", "set", "eth0", "up"]);
    }

    private void MakeCertificates()
    {
        var script = Path.Combine(RepositoryRoot(), "hack", "lib", "pki.sh");
        Run("bash", ["-euc", $"""
            RUN='{_directory}'; . '{script}'
            pki_cluster IP:{HostAddress}
            pki_node {NodeName} {NodeAddress}
            kubeconfig $RUN/admin.kubeconfig https://{HostAddress}:6443 admin
            kubeconfig $RUN/agent.kubeconfig https://{HostAddress}:6443 node-{NodeName}
            """]);
    }

    /// <summary>A client of the node's endpoint.</summary>
    /// <param name="identity">Its certificate; none without.</param>
    public HttpClient CreateEndpointClient(X509Certificate2? identity)
    {
        var handler = new SocketsHttpHandler
        {
            SslOptions =
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(InLab("pki/ca.crt")) },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
                ClientCertificates = identity is null ? [] : [identity],
            },
        };
        return new HttpClient(handler);
    }

    private X509Certificate2 ServerIdentity() => X509Certificate2.CreateFromPemFile(InLab("pki/api-server-agent-client.crt"), InLab("pki/api-server-agent-client.key"));

    private bool IsOurs(string process)
    {
        try
        {
            return char.IsAsciiDigit(Path.GetFileName(process)[0]) && File.ReadAllText(process + "/cgroup").Contains($"/controlplane-{_id}/", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended while we looked.
            return false;
        }
    }

    private static string Run(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {output}{errors.Result}");
        return output;
    }

    private static string RepositoryRoot()
    {
        for (var directory = AppContext.BaseDirectory; directory is not null; directory = Path.GetDirectoryName(directory))
        {
            if (File.Exists(Path.Combine(directory, "ControlPlane.sln")))
                return directory;
        }

        throw new DirectoryNotFoundException("The tests run outside the repository.");
    }
}
