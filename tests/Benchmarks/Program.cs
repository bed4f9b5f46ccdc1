using ControlPlane.Benchmarks;
using ControlPlane.Benchmarks.Start;
using ControlPlane.Benchmarks.Store;

IBenchmark[] benchmarks = [new StartBenchmark(), new StoreBenchmark()];
var chosen = benchmarks.FirstOrDefault(benchmark => args.Length == 1 && benchmark.Name == args[0]);
if (chosen is null)
{
    Console.Error.WriteLine("Usage: hack/bench NAME");
    foreach (var benchmark in benchmarks)
        Console.Error.WriteLine($"  {benchmark.Name,-10} {benchmark.Summary}");
    return 2;
}

using var interrupted = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    interrupted.Cancel();
};
var report = await chosen.RunAsync(interrupted.Token);
report.Print(Console.Out);
Console.WriteLine($"Written to {report.Save(chosen.Name)}");
return 0;
