using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace ControlPlane.Testing.Processes;

/// <summary>A cluster started by hack/up, with its own state folder, port and addresses, so that it disturbs no other.</summary>
public sealed class Cluster : IAsyncDisposable
{
    private readonly string _run;
    private readonly string[] _options;
    private readonly Dictionary<string, string> _environment;

    private Cluster(string name, int port, int subnet, string[] options)
    {
        Name = name;
        _run = Path.Combine(Repository.Root, ".run", "e2e-" + name);
        _options = ["--cluster", name, "--port", port.ToString(CultureInfo.InvariantCulture), "--subnet", subnet.ToString(CultureInfo.InvariantCulture), .. options];
        _environment = new Dictionary<string, string> { ["CONTROLPLANE_RUN"] = _run, ["KUBECONFIG"] = Path.Combine(_run, "admin.kubeconfig"), ["HOME"] = _run };
    }

    public string Name { get; }

    public string AdminConfig => _environment["KUBECONFIG"];

    /// <summary>Where its state, logs and process ids are.</summary>
    public string RunFolder => _run;

    /// <summary>This machine's address among the nodes.</summary>
    public string Gateway => $"10.{_options[5]}.0.1";

    /// <summary>Starts it, or what of it does not run.</summary>
    public async Task<string> UpAsync() =>
        (await Shell.RunAsync(Path.Combine(Repository.Root, "hack/up"), _options, _environment, TimeSpan.FromMinutes(10))).Succeeded();

    /// <summary>Starts a cluster from nothing.</summary>
    /// <param name="name">One to four letters and digits.</param>
    /// <param name="port">Of the API server; the next two are etcd's.</param>
    /// <param name="subnet">Second octet of the nodes' addresses; the next two are for VIPs and pods.</param>
    /// <param name="options">More options of hack/up.</param>
    public static async Task<Cluster> StartAsync(string name, int port, int subnet, params string[] options)
    {
        var cluster = new Cluster(name, port, subnet, options);
        await cluster.PurgeAsync();
        await cluster.UpAsync();
        return cluster;
    }

    /// <summary>Runs kubectl as the cluster's administrator.</summary>
    public Task<ShellResult> KubectlAsync(params string[] arguments) => Shell.RunAsync("kubectl", arguments, _environment);

    /// <summary>Starts kubectl, for what does not end by itself.</summary>
    public Process StartKubectl(params string[] arguments) => Shell.Start("kubectl", arguments, _environment);

    /// <summary>Applies a manifest from a text.</summary>
    public async Task<ShellResult> ApplyAsync(string yaml)
    {
        var file = Path.Combine(_run, $"manifest-{Guid.NewGuid():N}.yaml");
        await File.WriteAllTextAsync(file, yaml);
        return await KubectlAsync("apply", "-f", file);
    }

    /// <summary>An object, as JSON.</summary>
    public async Task<JsonNode> GetAsync(params string[] what) =>
        JsonNode.Parse((await KubectlAsync(["get", .. what, "-o", "json"])).Succeeded())!;

    /// <summary>Asks until the answer is right; on failure shows the world.</summary>
    public async Task EventuallyAsync(string what, Func<Task<bool>> holds, int seconds = 60)
    {
        var clock = Stopwatch.StartNew();
        while (!await holds())
        {
            if (clock.Elapsed.TotalSeconds > seconds)
                throw new TimeoutException($"{what}: not within {seconds} s.\n{await DescribeWorldAsync()}");
            await Task.Delay(100);
        }
    }

    /// <summary>Names of the processes that hack/up started.</summary>
    public IEnumerable<string> Processes => Directory.EnumerateFiles(Path.Combine(_run, "pids")).Select(static file => Path.GetFileName(file));

    /// <summary>Process id of a part of the cluster.</summary>
    public int PidOf(string process) => int.Parse(File.ReadAllText(Path.Combine(_run, "pids", process)).Split(' ')[0], CultureInfo.InvariantCulture);

    /// <summary>SIGKILL, and nothing else.</summary>
    public void Kill9(string process)
    {
        using var victim = Process.GetProcessById(PidOf(process));
        victim.Kill();
        victim.WaitForExit();
    }

    /// <summary>Processes of containers, told by their cgroup: pid and command name.</summary>
    public IReadOnlyList<(int Pid, string Command)> ContainerProcesses()
    {
        var found = new List<(int, string)>();
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(static f => char.IsAsciiDigit(Path.GetFileName(f)[0])))
        {
            try
            {
                if (File.ReadAllText(Path.Combine(folder, "cgroup")).Contains($"/controlplane-{Name}/", StringComparison.Ordinal))
                    found.Add((int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture), File.ReadAllText(Path.Combine(folder, "comm")).Trim()));
            }
            catch (IOException)
            {
                // It ended while we looked.
            }
        }

        return found;
    }

    /// <summary>This cluster's processes of a program, told by their command line.</summary>
    public IReadOnlyList<int> ProcessesNamed(string program) =>
    [
        .. Process.GetProcessesByName(program).Where(process => CommandLineOf(process.Id).Contains(_run, StringComparison.Ordinal)).Select(static process => process.Id),
    ];

    /// <summary>What pods leave on the machine: one line for each mount, network namespace, cgroup, process and table entry.</summary>
    public async Task<IReadOnlyList<string>> TracesOfPodsAsync()
    {
        var traces = new List<string>();
        traces.AddRange(File.ReadLines("/proc/mounts").Where(line => line.Contains(_run + "/nodes/", StringComparison.Ordinal)).Select(static line => "mount " + line.Split(' ')[1]));
        foreach (var controller in Directory.EnumerateDirectories("/sys/fs/cgroup"))
        {
            var root = Path.Combine(controller, "controlplane-" + Name);
            if (Directory.Exists(root))
                traces.AddRange(Directory.EnumerateDirectories(root, "pod*", SearchOption.AllDirectories).Select(static folder => "cgroup " + folder));
        }

        traces.AddRange(ContainerProcesses().Select(static process => $"process {process.Pid} {process.Command}"));
        foreach (var node in Directory.EnumerateDirectories(Path.Combine(_run, "nodes")))
        {
            var pods = Path.Combine(node, "pods");
            if (Directory.Exists(pods))
                traces.AddRange(Directory.EnumerateFileSystemEntries(pods).Select(static entry => "file " + entry));
        }

        var tables = await Shell.RunAsync("nft", ["list", "ruleset"]);
        traces.AddRange(tables.Output.Split('\n').Where(line => line.Contains("dnat to", StringComparison.Ordinal) && line.Contains(PodPrefix, StringComparison.Ordinal)).Select(static line => "nft " + line.Trim()));
        return traces;
    }

    public async ValueTask DisposeAsync() => await PurgeAsync();

    /// <summary>First two octets of pod addresses.</summary>
    private string PodPrefix => $"10.{int.Parse(_options[5], CultureInfo.InvariantCulture) + 2}.";

    private static string CommandLineOf(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline");
        }
        catch (IOException)
        {
            // It ended while we looked.
            return "";
        }
    }

    private async Task PurgeAsync()
    {
        (await Shell.RunAsync(Path.Combine(Repository.Root, "hack/down"), ["--purge"], _environment)).Succeeded();
        if (Directory.Exists(_run))
            Directory.Delete(_run, recursive: true);
    }

    private async Task<string> DescribeWorldAsync()
    {
        var objects = await KubectlAsync("get", "groups,apps,pods,vips,nodes,events", "-A", "-o", "wide");
        var logs = Directory.EnumerateFiles(Path.Combine(_run, "logs")).Select(static file => $"--- {file}\n{string.Join('\n', File.ReadLines(file).TakeLast(40))}");
        return $"{objects.Output}{objects.Error}\n{string.Join('\n', logs)}";
    }
}
