using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Serialization;
using ControlPlane.Api.Server.Definitions;
using ControlPlane.Api.Server.Errors;
using ControlPlane.Api.Server.Negotiation;
using ControlPlane.Api.Server.Registry;
using ControlPlane.Api.Server.Telemetry;
using ControlPlane.Api.Server.Watching;

namespace ControlPlane.Api.Server.Rest;

/// <summary>One watch on its way to one client. Reads the cache's ring at its own pace; left too far behind, it ends with an expired error.</summary>
internal sealed class WatchStream(
    ResourceDefinition definition, ObjectWriter writer, PipeWriter output, WatchCache cache, WatchSource source, ObjectFilter filter, ServerMetrics metrics)
{
    private const int Batch = 256;
    private const int FlushBytes = 64 * 1024;
    private static readonly TimeSpan BookmarkPeriod = TimeSpan.FromMinutes(1);

    private readonly List<CacheEvent> _events = new(Batch);
    private bool _first = true;
    private long _seen;
    private long _bookmarkedAt = source.Time.GetTimestamp();

    public async Task RunAsync(WatchStart start, ListOptions options, CancellationToken ends)
    {
        _seen = start.Revision;
        await WriteStateAsync(start.State, ends);
        if (options.SendInitialEvents == true)
            WriteBookmark(_seen, initialEventsEnd: true);
        await output.FlushAsync(ends);
        var cursor = start.Next;
        while (true)
        {
            _events.Clear();
            var known = source.Hub.Revision;
            if (!cache.TryRead(ref cursor, _events, Batch, out var changed))
            {
                metrics.WatcherTerminated(definition);
                await EndWithErrorAsync(ApiErrors.Expired("the watch fell too far behind the changes; list again").Status, ends);
                return;
            }
            if (_events.Count > 0)
            {
                await WriteEventsAsync(ends);
                continue;
            }
            _seen = Math.Max(_seen, known);
            if (output.UnflushedBytes > 0)
                await output.FlushAsync(ends);
            await ChangedAsync(changed, ends);
            if (options.AllowBookmarks && source.Time.GetElapsedTime(_bookmarkedAt) >= BookmarkPeriod)
            {
                WriteBookmark(_seen, initialEventsEnd: false);
                await output.FlushAsync(ends);
            }
        }
    }

    /// <summary>Ends the stream; the bookmark tells the client from where to go on.</summary>
    public async Task EndAsync(bool withBookmark, CancellationToken cancellationToken)
    {
        if (withBookmark)
            WriteBookmark(_seen, initialEventsEnd: false);
        await output.FlushAsync(cancellationToken);
    }

    private async Task WriteStateAsync(ReadOnlyMemory<StoredObject> state, CancellationToken ends)
    {
        for (var i = 0; i < state.Length; i++)
        {
            if (!filter.Matches(state.Span[i]))
                continue;
            Write("ADDED"u8, state.Span[i]);
            if (output.UnflushedBytes > FlushBytes)
                await output.FlushAsync(ends);
        }
    }

    private async Task WriteEventsAsync(CancellationToken ends)
    {
        foreach (var change in _events)
        {
            WriteChange(change);
            _seen = Math.Max(_seen, change.Revision);
            if (output.UnflushedBytes > FlushBytes)
                await output.FlushAsync(ends);
        }
    }

    /// <summary>An object that begins to match is new to this watcher, one that stops matching is gone.</summary>
    private void WriteChange(CacheEvent change)
    {
        var before = change.Previous is { } previous && filter.Matches(previous) ? previous : null;
        var now = change.Current is { } current && filter.Matches(current) ? current : null;
        if (now is not null)
            Write(before is null ? "ADDED"u8 : "MODIFIED"u8, now);
        else if (before is not null)
            Write("DELETED"u8, before.AtRevision(change.Revision));
    }

    private void Write(ReadOnlySpan<byte> type, StoredObject value)
    {
        WriteStart(type);
        writer.WriteWatched(output, value, _first);
        output.Write("}\n"u8);
        _first = false;
        metrics.WatchEvent(definition);
    }

    private void WriteBookmark(long revision, bool initialEventsEnd)
    {
        _bookmarkedAt = source.Time.GetTimestamp();
        WriteStart("BOOKMARK"u8);
        var annotations = initialEventsEnd ? ",\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}" : "";
        var metadata = $"{{\"resourceVersion\":\"{revision}\"{annotations}}}";
        var text = writer.Form.Shape switch
        {
            OutputShape.Table => $"{{\"kind\":\"Table\",\"apiVersion\":\"meta.k8s.io/{writer.Form.TableVersion}\",\"metadata\":{{\"resourceVersion\":\"{revision}\"}},"
                + $"\"columnDefinitions\":null,\"rows\":[{{\"cells\":[],\"object\":{{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":{metadata}}}}}]}}",
            OutputShape.Metadata => $"{{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":{metadata}}}",
            _ => $"{{\"kind\":\"{definition.Kind}\",\"apiVersion\":\"{definition.ApiVersion}\",\"metadata\":{metadata}}}",
        };
        Encoding.UTF8.GetBytes(text, output);
        output.Write("}\n"u8);
    }

    private async Task EndWithErrorAsync(Status status, CancellationToken ends)
    {
        WriteStart("ERROR"u8);
        output.Write(ApiJson.Serialize(status));
        output.Write("}\n"u8);
        await output.FlushAsync(ends);
    }

    private void WriteStart(ReadOnlySpan<byte> type)
    {
        output.Write("{\"type\":\""u8);
        output.Write(type);
        output.Write("\",\"object\":"u8);
    }

    /// <summary>Waits for a change, but no longer than until the next bookmark is due.</summary>
    private async ValueTask ChangedAsync(Task changed, CancellationToken ends)
    {
        var patience = BookmarkPeriod - source.Time.GetElapsedTime(_bookmarkedAt);
        if (changed.IsCompleted || patience <= TimeSpan.Zero)
            return;
        await changed.WaitAsync(patience, source.Time, ends).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ends.ThrowIfCancellationRequested();
    }
}

/// <summary>What drives watches: how far the caches are, and the clock.</summary>
internal sealed record WatchSource(WatchHub Hub, TimeProvider Time);
