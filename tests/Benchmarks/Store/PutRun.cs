using System.Diagnostics;
using ControlPlane.Api.Storage;
using ControlPlane.Benchmarks.Reports;

namespace ControlPlane.Benchmarks.Store;

/// <summary>What a number of clients, each waiting for its put before the next, got done in a while.</summary>
internal sealed record PutRun(int Clients, long Puts, double PerSecond, double P50, double P99)
{
    private const int ValueBytes = 1024;

    public static async Task<PutRun> MeasureAsync(IRevisionStore store, int clients, TimeSpan duration, CancellationToken cancellationToken)
    {
        string run = Guid.NewGuid().ToString("n");
        long started = Stopwatch.GetTimestamp();
        async Task<List<double>> PutAsync(int client)
        {
            var latencies = new List<double>();
            for (int i = 0; Stopwatch.GetElapsedTime(started) < duration; i++)
            {
                var value = new byte[ValueBytes];
                Random.Shared.NextBytes(value);
                long begun = Stopwatch.GetTimestamp();
                WriteResult result = await store.PutAsync($"/bench/{run}/{client}/{i}", value, Expectation.Absent, null, cancellationToken);
                latencies.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
                if (!result.Committed)
                    throw new InvalidDataException("A fresh key was there already.");
            }

            return latencies;
        }

        List<double>[] all = await Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(() => PutAsync(client), cancellationToken)));
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        List<double> latencies = [.. all.SelectMany(own => own)];
        return new PutRun(clients, latencies.Count, latencies.Count / seconds, Samples.Percentile(latencies, 50), Samples.Percentile(latencies, 99));
    }
}
