using System.Diagnostics.Metrics;
using ControlPlane.Api.Server.Definitions;

namespace ControlPlane.Api.Server.Telemetry;

/// <summary>What the server counts, under the names that dashboards for Kubernetes know.</summary>
internal sealed class ServerMetrics : IDisposable
{
    private readonly Meter _meter = new("ControlPlane.Api.Server");
    private readonly Counter<long> _requests;
    private readonly Histogram<double> _durations;
    private readonly UpDownCounter<long> _inFlight;
    private readonly UpDownCounter<long> _longRunning;
    private readonly Counter<long> _watchEvents;
    private readonly Counter<long> _terminatedWatchers;

    public ServerMetrics()
    {
        _requests = _meter.CreateCounter<long>("apiserver_request_total", description: "Requests by verb, resource and code.");
        _durations = _meter.CreateHistogram<double>("apiserver_request_duration_seconds", description: "Time from the first byte read to the last byte written.");
        _inFlight = _meter.CreateUpDownCounter<long>("apiserver_current_inflight_requests", description: "Requests being served.");
        _longRunning = _meter.CreateUpDownCounter<long>("apiserver_longrunning_requests", description: "Watches and streams being served.");
        _watchEvents = _meter.CreateCounter<long>("apiserver_watch_events_total", description: "Events sent to watchers.");
        _terminatedWatchers = _meter.CreateCounter<long>("apiserver_terminated_watchers_total", description: "Watchers cut because they fell behind.");
    }

    /// <summary>The meter, for those who export it.</summary>
    public Meter Meter => _meter;

    public void Request(Requests.RequestInfo info, int code, double seconds)
    {
        KeyValuePair<string, object?>[] tags =
        [
            new("verb", info.Verb.ToUpperInvariant()), new("group", info.Group), new("version", info.Version), new("resource", info.Resource),
            new("subresource", info.Subresource), new("scope", ScopeOf(info)), new("component", "apiserver"),
        ];
        _requests.Add(1, [.. tags, new("code", code)]);
        if (!info.IsLongRunning)
            _durations.Record(seconds, tags);
    }

    public void InFlight(bool readOnly, int change) => _inFlight.Add(change, new KeyValuePair<string, object?>("request_kind", readOnly ? "readOnly" : "mutating"));

    public void LongRunning(Requests.RequestInfo info, int change) =>
        _longRunning.Add(change, new("verb", info.Verb.ToUpperInvariant()), new("resource", info.Resource), new("subresource", info.Subresource));

    public void WatchEvent(ResourceDefinition definition) => _watchEvents.Add(1, new("group", definition.Group), new("version", definition.Version), new("kind", definition.Kind));

    public void WatcherTerminated(ResourceDefinition definition) => _terminatedWatchers.Add(1, new KeyValuePair<string, object?>("resource", definition.QualifiedResource));

    public void Dispose() => _meter.Dispose();

    private static string ScopeOf(Requests.RequestInfo info) => !info.IsResource ? "" : info.Name.Length > 0 ? "resource" : info.Namespace.Length > 0 ? "namespace" : "cluster";
}
