using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace ControlPlane.Api.Server.Telemetry;

/// <summary>Collects what meters record and writes it in the Prometheus text format.</summary>
internal sealed class MetricsPage : IDisposable
{
    private static readonly double[] Bounds = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<Instrument, ConcurrentDictionary<string, Series>> _series = new();

    public MetricsPage(params Meter[] meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (meters.Contains(instrument.Meter))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.Start();
    }

    public string Write()
    {
        _listener.RecordObservableInstruments();
        var text = new StringBuilder();
        foreach (var (instrument, series) in _series.OrderBy(s => s.Key.Name, StringComparer.Ordinal))
        {
            text.Append("# HELP ").Append(instrument.Name).Append(' ').Append(instrument.Description).Append('\n');
            text.Append("# TYPE ").Append(instrument.Name).Append(' ').Append(TypeOf(instrument)).Append('\n');
            foreach (var (labels, values) in series.OrderBy(s => s.Key, StringComparer.Ordinal))
                values.Write(text, instrument.Name, labels);
        }
        WriteProcess(text);
        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var all = _series.GetOrAdd(instrument, static _ => new ConcurrentDictionary<string, Series>(StringComparer.Ordinal));
        var labels = LabelsOf(tags);
        var series = all.GetOrAdd(labels, static (_, i) => TypeOf(i) == "histogram" ? new HistogramSeries() : new SumSeries(), instrument);
        if (instrument.IsObservable)
            series.Set(value);
        else
            series.Add(value);
    }

    private static string TypeOf(Instrument instrument) => instrument switch
    {
        Histogram<double> or Histogram<long> => "histogram",
        Counter<long> or Counter<double> or ObservableCounter<long> or ObservableCounter<double> => "counter",
        _ => "gauge",
    };

    private static string LabelsOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
            return "";
        var text = new StringBuilder();
        foreach (var (name, value) in tags)
        {
            text.Append(text.Length == 0 ? "" : ",").Append(name).Append("=\"");
            foreach (var c in Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")
                text.Append(c switch { '\\' => "\\\\", '"' => "\\\"", '\n' => "\\n", _ => c.ToString() });
            text.Append('"');
        }
        return text.ToString();
    }

    private static void WriteProcess(StringBuilder text)
    {
        using var process = Process.GetCurrentProcess();
        Line("process_resident_memory_bytes", "gauge", "Memory in RAM.", process.WorkingSet64);
        Line("process_cpu_seconds_total", "counter", "Time on processors.", process.TotalProcessorTime.TotalSeconds);
        Line("process_start_time_seconds", "gauge", "Start, in seconds since 1970.", new DateTimeOffset(process.StartTime).ToUnixTimeMilliseconds() / 1000d);

        void Line(string name, string type, string help, double value) =>
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n{name} {value}\n");
    }

    private abstract class Series
    {
        public abstract void Add(double value);

        public abstract void Set(double value);

        public abstract void Write(StringBuilder text, string name, string labels);
    }

    private sealed class SumSeries : Series
    {
        private readonly Lock _gate = new();
        private double _value;

        public override void Add(double value)
        {
            lock (_gate)
                _value += value;
        }

        public override void Set(double value)
        {
            lock (_gate)
                _value = value;
        }

        public override void Write(StringBuilder text, string name, string labels) =>
            text.Append(name).Append(labels.Length == 0 ? "" : $"{{{labels}}}").Append(CultureInfo.InvariantCulture, $" {_value}\n");
    }

    private sealed class HistogramSeries : Series
    {
        private readonly Lock _gate = new();
        private readonly long[] _counts = new long[Bounds.Length + 1];
        private double _sum;

        public override void Add(double value)
        {
            var bucket = Array.BinarySearch(Bounds, value);
            lock (_gate)
            {
                _counts[bucket < 0 ? ~bucket : bucket]++;
                _sum += value;
            }
        }

        public override void Set(double value) => Add(value);

        public override void Write(StringBuilder text, string name, string labels)
        {
            var prefix = labels.Length == 0 ? "" : labels + ",";
            long total = 0;
            lock (_gate)
            {
                for (var i = 0; i < _counts.Length; i++)
                {
                    total += _counts[i];
                    var bound = i < Bounds.Length ? Bounds[i].ToString(CultureInfo.InvariantCulture) : "+Inf";
                    text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{prefix}le=\"{bound}\"}} {total}\n");
                }
                var own = labels.Length == 0 ? "" : $"{{{labels}}}";
                text.Append(CultureInfo.InvariantCulture, $"{name}_sum{own} {_sum}\n{name}_count{own} {total}\n");
            }
        }
    }
}
