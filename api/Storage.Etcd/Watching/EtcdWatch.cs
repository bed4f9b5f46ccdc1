using System.Net;
using Google.Protobuf;
using ControlPlane.Api.Storage.Etcd.Protocol;
using ControlPlane.Api.Storage.Etcd.Transport;

namespace ControlPlane.Api.Storage.Etcd.Watching;

/// <summary>What a watch saw: everything up to a revision, in whole revisions.</summary>
internal readonly record struct EtcdChanges(long Revision, IReadOnlyList<Event> Events);

/// <summary>
/// One watch of a range from a revision on, over a stream that is opened again, at any member, from the revision after the last one seen.
/// Read by one reader; what it does not read waits in the connection's window and at the server.
/// </summary>
internal sealed class EtcdWatch(EtcdConnection connection, byte[] first, byte[] end, long startRevision) : IAsyncDisposable
{
    private static readonly TimeSpan OpenTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(2);
    private readonly List<Event> _fragments = [];
    private long _next = startRevision;
    private int _failures;
    private Uri? _endpoint;
    private WatchContent? _request;
    private HttpResponseMessage? _response;
    private Stream? _stream;

    /// <summary>The next changes or mark, however long it takes and however many connections it costs.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.Compacted"/>: what comes next is gone.</exception>
    public async Task<EtcdChanges> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                _stream ??= await OpenAsync(cancellationToken).ConfigureAwait(false);
                WatchResponse? message = await GrpcWire.ReadAsync(_stream, WatchResponse.Parser, cancellationToken).ConfigureAwait(false);
                if (message is null)
                {
                    GrpcWire.ThrowUnlessOk(_response!);
                    throw new GrpcException(GrpcStatus.Unavailable, "The server ended the watch stream.");
                }

                if (Take(message) is { } changes)
                {
                    return changes;
                }
            }
            catch (Exception e) when (e is GrpcException or IOException or HttpRequestException && !cancellationToken.IsCancellationRequested)
            {
                await CloseAsync().ConfigureAwait(false);
                if (_endpoint is not null)
                {
                    connection.Abandon(_endpoint);
                }

                await PauseAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public async ValueTask DisposeAsync() => await CloseAsync().ConfigureAwait(false);

    private EtcdChanges? Take(WatchResponse message)
    {
        if (message.CompactRevision > 0)
        {
            throw new StoreException(StoreFault.Compacted, $"History after revision {_next - 1} is gone; it is kept from revision {message.CompactRevision} on.")
            {
                Boundary = new Revision(message.CompactRevision),
            };
        }

        if (message.Canceled)
        {
            throw new GrpcException(GrpcStatus.Unavailable, $"The server cancelled the watch: {message.CancelReason}");
        }

        _failures = 0;
        if (message.Created)
        {
            return null;
        }

        _fragments.AddRange(message.Events);
        if (message.Fragment)
        {
            return null;
        }

        Event[] events = [.. _fragments];
        _fragments.Clear();
        // The header's revision is the store's; only a message without events promises that the watch has reached it.
        long reached = events.Length > 0 ? events[^1].Kv.ModRevision : message.Header.Revision;
        if (reached < _next)
        {
            return null;
        }

        _next = reached + 1;
        return new EtcdChanges(reached, events);
    }

    private async Task<Stream> OpenAsync(CancellationToken cancellationToken)
    {
        var create = new WatchCreateRequest
        {
            Key = UnsafeByteOperations.UnsafeWrap(first),
            RangeEnd = UnsafeByteOperations.UnsafeWrap(end),
            StartRevision = _next,
            PrevKv = true,
            ProgressNotify = true,
            Fragment = true,
        };
        _endpoint = connection.Endpoint;
        _request = new WatchContent(GrpcWire.Frame(new WatchRequest { CreateRequest = create }));
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(OpenTimeout);
        try
        {
            _response = await connection.OpenStreamAsync(_endpoint, "/etcdserverpb.Watch/Watch", _request, timeout.Token).ConfigureAwait(false);
            return await _response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new GrpcException(GrpcStatus.DeadlineExceeded, $"etcd at {_endpoint.Authority} did not open a watch stream in time.");
        }
    }

    private async ValueTask CloseAsync()
    {
        // A fragment's rest comes again from the start of its revision.
        _fragments.Clear();
        _request?.Finish();
        if (_stream is not null)
        {
            await _stream.DisposeAsync().ConfigureAwait(false);
        }

        _response?.Dispose();
        (_stream, _response, _request) = (null, null, null);
    }

    private async Task PauseAsync(CancellationToken cancellationToken)
    {
        double scale = Math.Min(MaxPause.TotalMilliseconds, 20 << Math.Min(_failures++, 10));
        await Task.Delay(TimeSpan.FromMilliseconds(scale * (0.5 + (Random.Shared.NextDouble() / 2))), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A request that sends its one message and stays open for as long as the answers are wanted.</summary>
    private sealed class WatchContent(byte[] message) : HttpContent
    {
        private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Finish() => _finished.TrySetResult();

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.WriteAsync(message, cancellationToken).ConfigureAwait(false);
            await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
            await _finished.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
