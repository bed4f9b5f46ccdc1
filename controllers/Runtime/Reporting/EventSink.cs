using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using ControlPlane.Api.Client;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Values;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Controllers.Reporting;

/// <summary>
/// Writes the events of a process, one after the other. Bounded: when the server is slow the newest are dropped (and counted),
/// for an event is a courtesy and reconciling is not.
/// </summary>
internal sealed partial class EventSink
{
    private const int Capacity = 1000;
    private const int Remembered = 4096;
    private static readonly TimeSpan RepeatWindow = TimeSpan.FromMinutes(10);

    // What happens every second is written every ten seconds, with its true count.
    private static readonly TimeSpan RepeatInterval = TimeSpan.FromSeconds(10);

    private readonly IApiClient _client;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string _instance;
    private readonly Counter<long> _dropped;
    private readonly Channel<EventNote> _notes;

    // Only the loop touches it.
    private readonly Dictionary<EventIdentity, Written> _written = [];
    private long _serial;

    public EventSink(IApiClient client, string instance, TimeProvider time, Meter meter, ILogger logger)
    {
        _client = client;
        _instance = instance;
        _time = time;
        _logger = logger;
        _dropped = meter.CreateCounter<long>("event_recorder_dropped_total", description: "Events not written because too many were waiting.");
        _serial = time.GetUtcNow().UtcTicks;
        _notes = Channel.CreateBounded<EventNote>(
            new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true }, _ => _dropped.Add(1));
    }

    public void Post(EventNote note) => _notes.Writer.TryWrite(note);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (var note in _notes.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            try
            {
                await WriteAsync(note, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is ApiException or ApiUnreachableException)
            {
                Log.NotWritten(_logger, note.Reason, ObjectKey.Of(note.About), e.Message);
            }
        }
    }

    private async Task WriteAsync(EventNote note, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        if (_written.TryGetValue(note.Identity, out var written) && now - written.Last < RepeatWindow)
        {
            var repeated = written with { Count = written.Count + 1, Last = now };
            _written[note.Identity] = repeated;
            if (now - written.WrittenAt < RepeatInterval)
                return;
            if (await TryRepeatAsync(repeated, cancellationToken).ConfigureAwait(false))
            {
                _written[note.Identity] = repeated with { WrittenAt = now };
                return;
            }
        }
        Forget(now);
        var created = await CreateAsync(note, now, cancellationToken).ConfigureAwait(false);
        _written[note.Identity] = new Written(ObjectKey.Of(created), 1, now, now);
    }

    private async Task<bool> TryRepeatAsync(Written repeated, CancellationToken cancellationToken)
    {
        var patch = new JsonObject
        {
            ["count"] = repeated.Count,
            ["lastTimestamp"] = repeated.Last.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        };
        try
        {
            await _client.PatchAsync<Event>(repeated.Key, PatchBody.Merge(patch), cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return false;
        }
    }

    private Task<Event> CreateAsync(EventNote note, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var about = note.About;
        var name = about.Metadata.Name ?? "";
        return _client.CreateAsync(
            new Event
            {
                Metadata = new ObjectMeta
                {
                    // Names are limited to 253: the object's name yields to the serial number that makes the event's unique.
                    Name = $"{name[..Math.Min(name.Length, 230)]}.{Interlocked.Increment(ref _serial):x}",
                    Namespace = string.IsNullOrEmpty(about.Metadata.Namespace) ? "default" : about.Metadata.Namespace,
                },
                InvolvedObject = new ObjectReference
                {
                    ApiVersion = about.ApiVersion,
                    Kind = about.Kind,
                    Namespace = about.Metadata.Namespace,
                    Name = about.Metadata.Name,
                    Uid = about.Metadata.Uid,
                    ResourceVersion = about.Metadata.ResourceVersion,
                },
                Type = note.Type,
                Reason = note.Reason,
                Message = note.Message.Length <= 1024 ? note.Message : note.Message[..1021] + "...",
                Source = new EventSource { Component = note.Component },
                ReportingComponent = "controlplane.dev/" + note.Component,
                ReportingInstance = _instance,
                FirstTimestamp = now,
                LastTimestamp = now,
                EventTime = new MicroTime(now),
                Action = note.Reason,
                Count = 1,
            },
            cancellationToken);
    }

    private void Forget(DateTimeOffset now)
    {
        if (_written.Count < Remembered)
            return;
        foreach (var (identity, written) in _written)
        {
            if (now - written.Last >= RepeatWindow)
                _written.Remove(identity);
        }
        if (_written.Count >= Remembered)
            _written.Clear();
    }

    private sealed record Written(ObjectKey Key, int Count, DateTimeOffset Last, DateTimeOffset WrittenAt);

    private static partial class Log
    {
        [LoggerMessage(300, LogLevel.Warning, "Event {Reason} about {Key} was not written: {Error}")]
        public static partial void NotWritten(ILogger logger, string reason, ObjectKey key, string error);
    }
}
