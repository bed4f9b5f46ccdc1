using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using ControlPlane.Testing.Processes;

namespace ControlPlane.Benchmarks.Start;

/// <summary>
/// The peer: <c>runc run</c> of the bundle that our agent made for an instance. Same namespaces, seccomp filter, capabilities, mounts and
/// cgroup limits; its network namespace and root file system are made before the clock starts, which favours the peer.
/// </summary>
internal sealed class BareRunc : IAsyncDisposable
{
    private const string Netns = "cp-bench-runc";
    private readonly string _folder;
    private readonly JsonObject _config;
    private int _count;

    private BareRunc(string folder, JsonObject config)
    {
        _folder = folder;
        _config = config;
    }

    public static async Task<BareRunc> PrepareAsync(string bundle, string gateway)
    {
        var folder = Directory.CreateTempSubdirectory("bench-runc-").FullName;
        var config = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(bundle, "config.json")))!.AsObject();
        var source = (string)config["root"]!["path"]!;
        await RunAsync("cp", "-a", Path.IsPathRooted(source) ? source : Path.Combine(bundle, source), Path.Combine(folder, "rootfs"));
        config["root"]!["path"] = "rootfs";
        await PrepareNetworkAsync(gateway);
        foreach (var space in config["linux"]!["namespaces"]!.AsArray().OfType<JsonObject>())
        {
            if ((string)space["type"]! == "network")
                space["path"] = "/run/netns/" + Netns;
            else
                space.Remove("path");
        }

        return new BareRunc(folder, config);
    }

    /// <summary>From exec of runc to the first byte.</summary>
    public async Task<double> MeasureAsync(FirstByteListener listener, CancellationToken cancellationToken)
    {
        var id = "bench-" + (++_count).ToString(CultureInfo.InvariantCulture);
        _config["linux"]!["cgroupsPath"] = "/controlplane-bench/" + id;
        _config["process"]!["args"] = new JsonArray("/bin/sh", "-c", listener.Command);
        await File.WriteAllTextAsync(Path.Combine(_folder, "config.json"), _config.ToJsonString(), cancellationToken);

        var clock = Stopwatch.StartNew();
        using var runc = Shell.Start("runc", ["--root", Path.Combine(_folder, "state"), "run", "--bundle", _folder, id]);
        await listener.WaitAsync(cancellationToken);
        var elapsed = clock.Elapsed.TotalMilliseconds;
        await RunAsync("runc", "--root", Path.Combine(_folder, "state"), "delete", "--force", id);
        await runc.WaitForExitAsync(cancellationToken);
        return elapsed;
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync("ip", "netns", "delete", Netns);
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task PrepareNetworkAsync(string gateway)
    {
        await RunAsync("ip", "netns", "add", Netns);
        await RunAsync("ip", "link", "add", "cpbenchrunc", "type", "veth", "peer", "name", "eth0", "netns", Netns);
        await RunAsync("ip", "address", "add", "10.255.255.1/30", "dev", "cpbenchrunc");
        await RunAsync("ip", "link", "set", "cpbenchrunc", "up");
        await RunAsync("ip", "-n", Netns, "address", "add", "10.255.255.2/30", "dev", "eth0");
        await RunAsync("ip", "-n", Netns, "link", "set", "eth0", "up");
        await RunAsync("ip", "-n", Netns, "route", "add", gateway + "/32", "via", "10.255.255.1");
    }

    private static async Task RunAsync(string program, params string[] arguments) => (await Shell.RunAsync(program, arguments)).Succeeded();
}
