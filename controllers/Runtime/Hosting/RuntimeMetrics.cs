using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using ControlPlane.Controllers.Queueing;

namespace ControlPlane.Controllers.Hosting;

/// <summary>The figures of one process' controllers.</summary>
internal sealed class RuntimeMetrics : IDisposable
{
    private readonly Counter<long> _reconciled;
    private readonly UpDownCounter<int> _leading;
    private readonly QueueInstruments _queueInstruments;
    private readonly ConcurrentDictionary<string, WorkQueue> _queues = new(StringComparer.Ordinal);

    public RuntimeMetrics()
    {
        _reconciled = Meter.CreateCounter<long>("controller_runtime_reconcile_total", description: "Reconciliations, by controller and result.");
        _leading = Meter.CreateUpDownCounter<int>("leader_election_master_status", description: "1 while this process leads.");
        _queueInstruments = new QueueInstruments(Meter);
        Meter.CreateObservableGauge("workqueue_depth", Depths, description: "Keys that wait for a worker.");
    }

    public Meter Meter { get; } = new("ControlPlane.Controllers");

    public QueueMetrics Queue(string controller) => new(_queueInstruments, controller);

    public void Reconciled(string controller, string result) => _reconciled.Add(1, new TagList { { "controller", controller }, { "result", result } });

    public void Leads(string lease, int change) => _leading.Add(change, new TagList { { "name", lease } });

    /// <summary>Shows a queue's depth until disposed.</summary>
    public IDisposable Depth(string controller, WorkQueue queue)
    {
        _queues[controller] = queue;
        return new Shown(this, controller);
    }

    public void Dispose() => Meter.Dispose();

    private IEnumerable<Measurement<long>> Depths() =>
        _queues.Select(static q => new Measurement<long>(q.Value.Depth, new KeyValuePair<string, object?>("name", q.Key)));

    private sealed class Shown(RuntimeMetrics metrics, string controller) : IDisposable
    {
        public void Dispose() => metrics._queues.TryRemove(controller, out _);
    }
}
