using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ControlPlane.Controllers.Queueing;

/// <summary>One queue's figures.</summary>
internal sealed class QueueMetrics
{
    private readonly QueueInstruments? _instruments;
    private readonly TagList _tags;

    public QueueMetrics(QueueInstruments instruments, string name)
    {
        _instruments = instruments;
        _tags = new TagList { { "name", name } };
    }

    private QueueMetrics()
    {
    }

    public static QueueMetrics None { get; } = new();

    public void Added() => _instruments?.Adds.Add(1, _tags);

    public void Retried() => _instruments?.Retries.Add(1, _tags);

    public void Taken(TimeSpan waited)
    {
        _instruments?.Running.Add(1, _tags);
        _instruments?.Waits.Record(waited.TotalSeconds, _tags);
    }

    public void Worked(TimeSpan worked)
    {
        _instruments?.Running.Add(-1, _tags);
        _instruments?.Works.Record(worked.TotalSeconds, _tags);
    }
}

/// <summary>What is measured of queues, under the names that Kubernetes dashboards know.</summary>
internal sealed class QueueInstruments(Meter meter)
{
    public Counter<long> Adds { get; } = meter.CreateCounter<long>("workqueue_adds_total", description: "Keys added.");

    public Counter<long> Retries { get; } = meter.CreateCounter<long>("workqueue_retries_total", description: "Keys added again after a failure.");

    public UpDownCounter<long> Running { get; } = meter.CreateUpDownCounter<long>("workqueue_running", description: "Keys being worked on.");

    public Histogram<double> Waits { get; } = meter.CreateHistogram<double>("workqueue_queue_duration_seconds", "s", "Time from ready to taken.");

    public Histogram<double> Works { get; } = meter.CreateHistogram<double>("workqueue_work_duration_seconds", "s", "Time of one reconciliation.");
}
