using System.Globalization;
using System.Text.Json;
using ControlPlane.Testing.Processes;

namespace ControlPlane.Benchmarks.Reports;

/// <summary>The figures of one run, and the machine, versions and flags they were measured with.</summary>
/// <param name="Conditions">What was compared, under which guarantees.</param>
/// <param name="Figures">In the order to show them.</param>
internal sealed record Report(IReadOnlyDictionary<string, string> Conditions, IReadOnlyList<Figure> Figures)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>A table for people.</summary>
    public void Print(TextWriter output)
    {
        foreach (var (name, value) in Machine.Describe().Concat(Conditions))
            output.WriteLine($"{name}: {value}");
        output.WriteLine();
        string[] heading = ["metric", "unit", "ours", "spread", "peer", "ratio", "goal"];
        string[][] rows = [heading, .. Figures.Select(static figure => figure.Cells())];
        var widths = heading.Select((_, column) => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
            output.WriteLine(string.Join("  ", row.Select((cell, column) => column is 0 or 1 or 6 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))).TrimEnd());
    }

    /// <summary>Writes .run/bench/NAME.json and returns its path.</summary>
    public string Save(string name)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Repository.Root, ".run", "bench"));
        var file = Path.Combine(folder.FullName, name + ".json");
        var content = new { machine = Machine.Describe(), conditions = Conditions, figures = Figures };
        File.WriteAllText(file, JsonSerializer.Serialize(content, Json));
        return file;
    }
}

/// <summary>One figure: the median of ours, of the peer where there is one, and what we aim for.</summary>
/// <param name="Metric">What was measured.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Ours">Median of the rounds.</param>
/// <param name="Peer">Median of the peer's rounds, taken in turns with ours.</param>
/// <param name="Goal">The ratio aimed for, in words.</param>
internal sealed record Figure(string Metric, string Unit, double Ours, double? Peer = null, string? Goal = null)
{
    /// <summary>Ours divided by the peer's.</summary>
    public double? Ratio => Peer is > 0 ? Ours / Peer : null;

    /// <summary>Smallest and largest of our rounds.</summary>
    public double[]? Spread { get; init; }

    /// <summary>A figure of several rounds.</summary>
    public static Figure Of(string metric, string unit, IReadOnlyList<double> ours, IReadOnlyList<double>? peer = null, string? goal = null) =>
        new(metric, unit, Samples.Median(ours), peer is null ? null : Samples.Median(peer), goal) { Spread = [ours.Min(), ours.Max()] };

    internal string[] Cells() =>
    [
        Metric, Unit, Text(Ours), Spread is { } spread ? $"{Text(spread[0])}..{Text(spread[1])}" : "", Peer is { } peer ? Text(peer) : "",
        Ratio is { } ratio ? ratio.ToString("0.00", CultureInfo.InvariantCulture) : "", Goal ?? "",
    ];

    private static string Text(double value) => value.ToString(Math.Abs(value) >= 100 ? "0" : "0.00", CultureInfo.InvariantCulture);
}

/// <summary>Order statistics.</summary>
internal static class Samples
{
    public static double Median(IReadOnlyList<double> samples) => Percentile(samples, 50);

    /// <summary>The smallest sample that at least this share of all does not exceed.</summary>
    public static double Percentile(IReadOnlyList<double> samples, double percent)
    {
        var sorted = samples.Order().ToArray();
        return sorted[Math.Clamp((int)Math.Ceiling(sorted.Length * percent / 100) - 1, 0, sorted.Length - 1)];
    }
}
