using System.Text;
using ControlPlane.Api.Storage;

namespace ControlPlane.Storage.Conformance;

/// <summary>A change in text, easy to compare.</summary>
public sealed record Change(string Key, long Revision, string? Value, string? Previous, long PreviousRevision);

/// <summary>Reads a watch change by change and checks what must hold of every watch: revisions rise, marks do not fall behind.</summary>
public sealed class WatchReader(IRevisionStore store, string prefix, Revision after, CancellationToken cancellationToken) : IAsyncDisposable
{
    private readonly IAsyncEnumerator<WatchBatch> _batches = store.WatchAsync(prefix, after, cancellationToken).GetAsyncEnumerator(cancellationToken);
    private readonly Queue<StoreEvent> _events = new();
    private long _seen = after.Value;

    /// <summary>Everything up to here was told.</summary>
    public long Seen => _events.Count == 0 ? _seen : _events.Peek().Revision.Value - 1;

    public async Task<Change> NextAsync()
    {
        while (_events.Count == 0)
        {
            await ReadBatchAsync();
        }

        StoreEvent e = _events.Dequeue();
        return new Change(e.Key, e.Revision.Value, Text(e.Value), Text(e.Previous?.Value), e.Previous?.Revision.Value ?? 0);
    }

    /// <summary>Reads one batch; false when it is only a mark.</summary>
    public async Task<bool> ReadBatchAsync()
    {
        Assert.True(await _batches.MoveNextAsync(), "a watch never ends by itself");
        WatchBatch batch = _batches.Current;
        long last = _seen;
        foreach (StoreEvent e in batch.Events)
        {
            Assert.StartsWith(prefix, e.Key, StringComparison.Ordinal);
            Assert.True(e.Revision.Value > last, $"revision {e.Revision} after {last}");
            last = e.Revision.Value;
            _events.Enqueue(e);
        }

        Assert.True(batch.Revision.Value >= last, $"batch of revision {batch.Revision} holds {last}");
        _seen = batch.Revision.Value;
        return batch.Events.Count > 0;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _batches.DisposeAsync();
        }
        catch (NotSupportedException)
        {
            // A read is still pending: its test cancelled it or failed.
        }
    }

    private static string? Text(ReadOnlyMemory<byte>? value) => value is { } bytes ? Encoding.UTF8.GetString(bytes.Span) : null;
}
