using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ControlPlane.Api.Client;

/// <summary>Counts requests, under the names that Kubernetes dashboards know.</summary>
internal sealed class ClientMetrics : IDisposable
{
    private readonly Meter _meter = new("ControlPlane.Api.Client");
    private readonly Counter<long> _requests;
    private readonly Histogram<double> _durations;

    public ClientMetrics()
    {
        _requests = _meter.CreateCounter<long>("rest_client_requests_total", description: "Requests, by status code, method and host.");
        _durations = _meter.CreateHistogram<double>("rest_client_request_duration_seconds", "s", "Time to the answer's headers, by method and host.");
    }

    public void Record(string method, string code, string host, TimeSpan duration)
    {
        _requests.Add(1, new TagList { { "code", code }, { "host", host }, { "method", method } });
        _durations.Record(duration.TotalSeconds, new TagList { { "host", host }, { "verb", method } });
    }

    public void Dispose() => _meter.Dispose();
}
