using System.Text.Json.Nodes;
using System.Threading.Channels;
using ControlPlane.Api.Client;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Events;

/// <summary>
/// Tells users what happens, as Events. Never in the way: the queue is bounded and drops the oldest, repetitions become a count on the
/// first event, and what the API does not take is given up.
/// </summary>
internal sealed partial class EventRecorder : BackgroundService
{
    private const int Capacity = 1000;
    private const int Remembered = 512;
    private const string Component = "controlplane-agent";

    private readonly IApiClient _client;
    private readonly string _nodeName;
    private readonly TimeProvider _time;
    private readonly ILogger<EventRecorder> _log;
    private readonly Channel<Occurrence> _queue;
    private readonly Dictionary<Occurrence.Identity, Series> _series = [];

    public EventRecorder(IApiClient client, string nodeName, TimeProvider time, ILogger<EventRecorder> log)
    {
        _client = client;
        _nodeName = nodeName;
        _time = time;
        _log = log;
        _queue = Channel.CreateBounded<Occurrence>(
            new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
    }

    public void Normal(Pod pod, string? container, string reason, string message) => Record(pod, container, "Normal", reason, message);

    public void Warning(Pod pod, string? container, string reason, string message) => Record(pod, container, "Warning", reason, message);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var occurrence in _queue.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await SendAsync(occurrence, stoppingToken);
            }
            catch (Exception e) when (e is ApiException or ApiUnreachableException)
            {
                Log.Lost(_log, occurrence.Reason, occurrence.Message, e.Message);
            }
        }
    }

    private void Record(Pod pod, string? container, string type, string reason, string message)
    {
        var field = container is null ? null
            : (pod.Spec?.InitContainers.Any(c => c.Name == container) == true ? "spec.initContainers{" : "spec.containers{") + container + "}";
        var about = new ObjectReference
        {
            Kind = "Pod",
            ApiVersion = "v1",
            Namespace = pod.Metadata.Namespace,
            Name = pod.Metadata.Name,
            Uid = pod.Metadata.Uid,
            FieldPath = field,
        };
        _queue.Writer.TryWrite(new Occurrence(about, type, reason, message, _time.GetUtcNow()));
    }

    private async Task SendAsync(Occurrence occurrence, CancellationToken cancellation)
    {
        if (_series.TryGetValue(occurrence.Id, out var series))
        {
            series.Count++;
            var patch = new JsonObject { ["count"] = series.Count, ["lastTimestamp"] = occurrence.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'") };
            try
            {
                await _client.PatchAsync<Event>(series.Key, PatchBody.Merge(patch), cancellation);
                return;
            }
            catch (ApiException e) when (e.IsNotFound)
            {
                // The event has expired: begin a new series.
                _series.Remove(occurrence.Id);
            }
        }

        var created = await _client.CreateAsync(ToEvent(occurrence), cancellation);
        if (_series.Count >= Remembered)
            _series.Clear();
        _series[occurrence.Id] = new Series(ObjectKey.Of(created));
    }

    private Event ToEvent(Occurrence occurrence) => new()
    {
        Metadata = new ObjectMeta
        {
            Namespace = occurrence.About.Namespace ?? "default",
            Name = $"{occurrence.About.Name}.{Guid.NewGuid():N}"[..Math.Min(253, (occurrence.About.Name?.Length ?? 0) + 17)],
        },
        InvolvedObject = occurrence.About,
        Type = occurrence.Type,
        Reason = occurrence.Reason,
        Message = occurrence.Message,
        Source = new EventSource { Component = Component, Host = _nodeName },
        FirstTimestamp = occurrence.At,
        LastTimestamp = occurrence.At,
        Count = 1,
        ReportingComponent = Component,
        ReportingInstance = _nodeName,
    };

    private sealed record Occurrence(ObjectReference About, string Type, string Reason, string Message, DateTimeOffset At)
    {
        public Identity Id => new(About.Uid, About.FieldPath, Reason, Message);

        internal readonly record struct Identity(string? Uid, string? FieldPath, string Reason, string Message);
    }

    private sealed class Series(ObjectKey key)
    {
        public ObjectKey Key => key;

        public int Count { get; set; } = 1;
    }

    private static partial class Log
    {
        [LoggerMessage(2300, LogLevel.Debug, "The event {Reason} ({Message}) was not recorded: {Problem}")]
        public static partial void Lost(ILogger log, string reason, string message, string problem);
    }
}
