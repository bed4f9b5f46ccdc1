using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace ControlPlane.Controllers.Hosting;

/// <summary>Adds up what this process measures, and writes it in the Prometheus text format.</summary>
internal sealed class MetricsCollector : IDisposable
{
    private static readonly double[] Buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    private readonly MeterListener _listener = new();
    private readonly Lock _gate = new();

    // Under _gate.
    private readonly SortedDictionary<string, Family> _families = new(StringComparer.Ordinal);

    public MetricsCollector()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith("ControlPlane.", StringComparison.Ordinal))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>All figures as of now.</summary>
    public string Write()
    {
        _listener.RecordObservableInstruments();
        var text = new StringBuilder();
        text.AppendLine("# TYPE process_resident_memory_bytes gauge");
        text.Append(CultureInfo.InvariantCulture, $"process_resident_memory_bytes {Environment.WorkingSet}").AppendLine();
        lock (_gate)
        {
            foreach (var family in _families.Values)
                family.Write(text);
        }
        return text.ToString().ReplaceLineEndings("\n");
    }

    public void Dispose() => _listener.Dispose();

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = Labels(tags);
        lock (_gate)
        {
            if (!_families.TryGetValue(instrument.Name, out var family))
                _families[instrument.Name] = family = new Family(instrument);
            family.Take(labels, value);
        }
    }

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var parts = new List<string>(tags.Length);
        foreach (var (name, value) in tags)
        {
            var text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            parts.Add($"{name}=\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"");
        }
        return string.Join(',', parts);
    }

    /// <summary>All series of one name.</summary>
    private sealed class Family(Instrument instrument)
    {
        private readonly SortedDictionary<string, Series> _series = new(StringComparer.Ordinal);
        private readonly bool _isHistogram = instrument is Histogram<double>;
        private readonly bool _isObserved = instrument.IsObservable;

        private string Type => _isHistogram ? "histogram" : instrument is Counter<long> ? "counter" : "gauge";

        public void Take(string labels, double value)
        {
            if (!_series.TryGetValue(labels, out var series))
                _series[labels] = series = new Series(_isHistogram ? new long[Buckets.Length] : []);
            series.Sum = _isObserved ? value : series.Sum + value;
            series.Count++;
            for (var i = 0; i < series.Buckets.Length; i++)
            {
                if (value <= Buckets[i])
                    series.Buckets[i]++;
            }
        }

        public void Write(StringBuilder text)
        {
            text.AppendLine($"# HELP {instrument.Name} {instrument.Description}").AppendLine($"# TYPE {instrument.Name} {Type}");
            foreach (var (labels, series) in _series)
            {
                if (!_isHistogram)
                {
                    Line(text, "", labels, series.Sum);
                    continue;
                }
                var prefix = labels.Length == 0 ? "" : labels + ",";
                for (var i = 0; i < Buckets.Length; i++)
                    Line(text, "_bucket", string.Create(CultureInfo.InvariantCulture, $"{prefix}le=\"{Buckets[i]}\""), series.Buckets[i]);
                Line(text, "_bucket", prefix + "le=\"+Inf\"", series.Count);
                Line(text, "_sum", labels, series.Sum);
                Line(text, "_count", labels, series.Count);
            }
        }

        private void Line(StringBuilder text, string suffix, string labels, double value) =>
            text.Append(instrument.Name).Append(suffix).Append(labels.Length == 0 ? "" : "{" + labels + "}").Append(' ')
                .Append(value.ToString("R", CultureInfo.InvariantCulture)).AppendLine();
    }

    private sealed class Series(long[] buckets)
    {
        /// <summary>Cumulative, as Prometheus has it.</summary>
        public long[] Buckets { get; } = buckets;

        public double Sum { get; set; }

        public long Count { get; set; }
    }
}
