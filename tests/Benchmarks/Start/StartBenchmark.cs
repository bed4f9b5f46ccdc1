using System.Diagnostics;
using System.Globalization;
using ControlPlane.Api.Client;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Platform.V1;
using ControlPlane.Benchmarks.Load;
using ControlPlane.Benchmarks.Reports;
using ControlPlane.Testing.Processes;

namespace ControlPlane.Benchmarks.Start;

/// <summary>Start of an instance, memory of every process, and writes and lists on both stores.</summary>
internal sealed class StartBenchmark : IBenchmark
{
    private const int Rounds = 5, StartsEachRound = 8, Instances = 20;

    public string Name => "start";

    public string Summary => "apply to first byte beside runc run; memory idle and with 20 instances; creates and lists on both stores";

    public async Task<Report> RunAsync(CancellationToken cancellationToken)
    {
        var figures = new List<Figure>();
        await using (var cluster = await Cluster.StartAsync("bs", 19443, 145))
        {
            using var client = new ApiClient(ClientConfig.FromKubeconfig(cluster.AdminConfig));
            await MeasureStartsAsync(cluster, client, figures, cancellationToken);
            await MeasureMemoryAsync(cluster, client, figures, cancellationToken);
        }

        figures.AddRange(await StoreLoad.MeasureAsync(Rounds, cancellationToken));
        var runc = (await Shell.RunAsync("runc", ["--version"])).Succeeded().Split('\n')[0];
        var etcd = (await Shell.RunAsync("etcd", ["--version"])).Succeeded().Split('\n')[0];
        var conditions = new Dictionary<string, string>
        {
            ["versions"] = $"{runc}, {etcd}",
            ["peer of starts"] = $"{runc}: runc run of the same bundle, its network and root file system ready before the clock starts",
            ["guarantees"] = "TLS, client certificates and RBAC on; writes synced to disk before they are acknowledged, on both stores",
            ["rounds"] = string.Create(CultureInfo.InvariantCulture, $"{Rounds}, ours and the peer in turns; starts: {StartsEachRound} of each a round"),
        };
        return new Report(conditions, figures);
    }

    private static async Task MeasureStartsAsync(Cluster cluster, ApiClient client, List<Figure> figures, CancellationToken cancellationToken)
    {
        using var listener = new FirstByteListener(cluster.Gateway);
        // One start warms both sides, and gives the bundle that the peer runs.
        await client.CreateAsync(App("warm", listener.Command, 1), cancellationToken);
        await listener.WaitAsync(cancellationToken);
        var bundle = Directory.EnumerateFiles(Path.Combine(cluster.RunFolder, "nodes"), "config.json", SearchOption.AllDirectories).Select(Path.GetDirectoryName).First()!;
        await using var runc = await BareRunc.PrepareAsync(bundle, cluster.Gateway);
        await runc.MeasureAsync(listener, cancellationToken);

        List<double> ours50 = [], ours99 = [], peer50 = [], peer99 = [];
        for (var round = 0; round < Rounds; round++)
        {
            List<double> ours = [], peer = [];
            for (var i = 0; i < StartsEachRound; i++)
            {
                ours.Add(await MeasureOneAsync(client, listener, $"start-{round}-{i}", cancellationToken));
                peer.Add(await runc.MeasureAsync(listener, cancellationToken));
            }

            ours50.Add(Samples.Median(ours));
            ours99.Add(Samples.Percentile(ours, 99));
            peer50.Add(Samples.Median(peer));
            peer99.Add(Samples.Percentile(peer, 99));
        }

        figures.Add(Figure.Of("apply of an App to first byte, p50", "ms", ours50, peer50, "<= 1.3 x runc run"));
        figures.Add(Figure.Of("apply of an App to first byte, p99", "ms", ours99, peer99, "<= 2 x runc run"));
        await RemoveAsync(client, "warm", cancellationToken);
    }

    private static async Task<double> MeasureOneAsync(ApiClient client, FirstByteListener listener, string name, CancellationToken cancellationToken)
    {
        var app = App(name, listener.Command, 1);
        var clock = Stopwatch.StartNew();
        var created = client.CreateAsync(app, cancellationToken);
        await listener.WaitAsync(cancellationToken);
        var elapsed = clock.Elapsed.TotalMilliseconds;
        await created;
        await RemoveAsync(client, name, cancellationToken);
        return elapsed;
    }

    private static async Task MeasureMemoryAsync(Cluster cluster, ApiClient client, List<Figure> figures, CancellationToken cancellationToken)
    {
        string[] processes = ["api-server", "controllers", "agent-node-1"];
        void Add(string state)
        {
            foreach (var process in processes)
            {
                var use = MemoryUse.Of(cluster.PidOf(process));
                figures.Add(new Figure($"{process}, {state}: resident", "MiB", use.Resident / 1024.0));
                figures.Add(new Figure($"{process}, {state}: private", "MiB", use.Private / 1024.0));
            }
        }

        // Let what the starts left settle; memory is read, not timed.
        await Task.Delay(TimeSpan.FromSeconds(20), cancellationToken);
        Add("idle");
        await client.CreateAsync(App("many", "exec sleep 3600", Instances), cancellationToken);
        await cluster.EventuallyAsync("all instances run", async () =>
            (await client.GetAsync<App>(new ObjectKey("default", "many"), cancellationToken)).Status?.ReadyInstances == Instances);
        await Task.Delay(TimeSpan.FromSeconds(20), cancellationToken);
        Add($"{Instances} instances");
        var shims = cluster.ProcessesNamed("cp-shim").Select(MemoryUse.Of).ToArray();
        figures.Add(Figure.Of("one shim: resident", "MiB", [.. shims.Select(static use => use.Resident / 1024.0)], goal: "<= 4 MiB"));
        figures.Add(Figure.Of("one shim: private", "MiB", [.. shims.Select(static use => use.Private / 1024.0)], goal: "<= 1 MiB"));
        await RemoveAsync(client, "many", cancellationToken);
    }

    /// <summary>Deletes the app and waits until its pods are gone, so that one start does not disturb the next.</summary>
    private static async Task RemoveAsync(ApiClient client, string name, CancellationToken cancellationToken)
    {
        await client.DeleteAsync<App>(new ObjectKey("default", name), cancellationToken, new DeleteOptions { PropagationPolicy = "Background" });
        var selector = new ListOptions { Namespace = "default", LabelSelector = $"{WellKnownLabels.App}={name}" };
        while ((await client.ListAsync<Pod>(selector, cancellationToken)).Items.Count > 0)
            await Task.Delay(20, cancellationToken);
    }

    private static App App(string name, string command, int instances) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = "default" },
        Spec = new AppSpec
        {
            Image = "controlplane.local/busybox:1",
            Cmd = command,
            Instances = instances,
            // A whole core: a smaller quota would throttle both sides' runc and hide what the rest costs.
            Cpus = instances == 1 ? 1 : 0.05,
            Mem = 16,
            TaskKillGracePeriodSeconds = 0,
        },
    };
}
