using System.Diagnostics;
using System.Globalization;
using ControlPlane.Api.Storage;
using ControlPlane.Api.Storage.Embedded;
using ControlPlane.Api.Storage.Embedded.Files;
using ControlPlane.Api.Storage.Etcd;
using ControlPlane.Benchmarks.Reports;
using ControlPlane.Testing.Processes;

namespace ControlPlane.Benchmarks.Store;

/// <summary>Durable puts of 1 KiB: the embedded store beside a real etcd on the same disk, in turns. Both sync before they acknowledge.</summary>
internal sealed class StoreBenchmark : IBenchmark
{
    private const int Rounds = 5;
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(2);
    private static readonly int[] Clients = [1, 16, 64, 128];

    public string Name => "store";

    public string Summary => "durable puts on the embedded store and on etcd, 1 to 128 clients";

    public async Task<Report> RunAsync(CancellationToken cancellationToken)
    {
        string data = Directory.CreateDirectory(Path.Combine(Repository.Root, ".run", "bench", $"store-{Environment.ProcessId}")).FullName;
        try
        {
            var syncs = new SyncCounter();
            using var etcd = new EtcdProcess(Path.Combine(data, "etcd"));
            var options = new EtcdStoreOptions([etcd.Endpoint]) { RequestTimeout = TimeSpan.FromSeconds(30) };
            await using EtcdRevisionStore peer = await EtcdRevisionStore.ConnectAsync(options, cancellationToken);
            await using EmbeddedRevisionStore ours = await EmbeddedRevisionStore.OpenAsync(new EmbeddedStoreOptions(Path.Combine(data, "embedded")), syncs, null, cancellationToken);
            await PutRun.MeasureAsync(ours, 16, Duration, cancellationToken);
            await PutRun.MeasureAsync(peer, 16, Duration, cancellationToken);

            List<double> floors = [];
            List<(PutRun Ours, PutRun Peer)> runs = [];
            for (int round = 0; round < Rounds; round++)
            {
                floors.Add(MeasureSync(data));
                foreach (int clients in Clients)
                {
                    runs.Add((await MeasureOursAsync(ours, clients, syncs, cancellationToken), await PutRun.MeasureAsync(peer, clients, Duration, cancellationToken)));
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                        $"round {round + 1}, {clients,3} clients: {runs[^1].Ours.PerSecond,8:0} and {runs[^1].Peer.PerSecond,8:0} puts/s"));
                }
            }

            return new Report(Conditions(etcd), Figures(runs, floors));
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private static Dictionary<string, string> Conditions(EtcdProcess etcd) => new()
    {
        ["peer"] = $"{etcd.Version}, {string.Join(' ', etcd.Flags)}, through our client in this process",
        ["guarantee"] = "both: synced before acknowledgement; no TLS; same disk",
        ["load"] = $"{Rounds} rounds in turns of {Duration.TotalSeconds} s, 1 KiB values, every key new",
    };

    private static List<Figure> Figures(List<(PutRun Ours, PutRun Peer)> runs, List<double> floors)
    {
        var figures = new List<Figure>();
        foreach (int clients in Clients)
        {
            List<(PutRun Ours, PutRun Peer)> own = [.. runs.Where(run => run.Ours.Clients == clients)];
            figures.Add(FigureOf($"puts, {clients} clients", "1/s", own, run => run.PerSecond, ">= 2"));
            figures.Add(FigureOf($"put p50, {clients} clients", "ms", own, run => run.P50, null));
            figures.Add(FigureOf($"put p99, {clients} clients", "ms", own, run => run.P99, null));
        }

        List<double> alone = [.. runs.Where(run => run.Ours.Clients == 1).Select(run => run.Ours.P50)];
        figures.Add(Figure.Of("put p50, 1 client, beside one bare fdatasync", "ms", alone, floors, "<= 0.3 ms above"));
        return figures;
    }

    private static Figure FigureOf(string metric, string unit, List<(PutRun Ours, PutRun Peer)> runs, Func<PutRun, double> value, string? goal) =>
        Figure.Of(metric, unit, [.. runs.Select(run => value(run.Ours))], [.. runs.Select(run => value(run.Peer))], goal);

    private static async Task<PutRun> MeasureOursAsync(EmbeddedRevisionStore store, int clients, SyncCounter syncs, CancellationToken cancellationToken)
    {
        long before = syncs.Changes;
        PutRun run = await PutRun.MeasureAsync(store, clients, Duration, cancellationToken);
        return syncs.Changes - before >= run.Puts
            ? run
            : throw new InvalidDataException($"{run.Puts} puts were acknowledged, {syncs.Changes - before} synced: the sides do not give the same guarantee.");
    }

    /// <summary>Median of overwriting 1 KiB of a prepared file and syncing it, as the log does.</summary>
    private static double MeasureSync(string directory)
    {
        const int Length = 4 * 1024 * 1024;
        string path = Path.Combine(directory, "sync");
        using var file = new LinuxFile("sync", path, File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite));
        file.Write(0, new byte[Length]);
        file.Sync();
        var value = new byte[1024];
        Random.Shared.NextBytes(value);
        var times = new List<double>();
        for (int i = 0; i < 1000; i++)
        {
            long begun = Stopwatch.GetTimestamp();
            file.Write(i * value.Length % Length, value);
            file.Sync();
            times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }

        return Samples.Median(times);
    }

    private sealed class SyncCounter : StoreObserver
    {
        private long _changes;

        public long Changes => Interlocked.Read(ref _changes);

        public override void BatchCommitted(int changes, int bytes, TimeSpan sync) => Interlocked.Add(ref _changes, changes);
    }
}
