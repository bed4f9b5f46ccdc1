using System.Runtime.CompilerServices;
using Google.Protobuf;
using ControlPlane.Api.Storage.Etcd.Protocol;
using ControlPlane.Api.Storage.Etcd.Transport;
using ControlPlane.Api.Storage.Etcd.Watching;
using ControlPlane.Api.Storage.Watching;

namespace ControlPlane.Api.Storage.Etcd;

/// <summary>
/// A store in an etcd cluster (3.4 or newer), one etcd key per key under a prefix. Any number of processes share it.
/// Keys must not begin with U+0000.
/// </summary>
public sealed class EtcdRevisionStore : IRevisionStore
{
    private const int RangeChunk = 5000;
    private readonly EtcdStoreOptions _options;
    private readonly EtcdConnection _connection;
    private readonly EtcdKeys _keys;
    private readonly EtcdCalls _calls;
    private readonly EtcdWatchHub _hub;
    private readonly LeaseBuckets _leases;

    private EtcdRevisionStore(EtcdStoreOptions options, TimeProvider time)
    {
        _options = options;
        _connection = new EtcdConnection(options);
        _keys = new EtcdKeys(options.Prefix);
        _calls = new EtcdCalls(_connection, _keys);
        _hub = new EtcdWatchHub(_connection, _keys, options, _calls);
        _leases = new LeaseBuckets(_calls, time);
    }

    /// <summary>Connects and makes sure that somebody answers who speaks a version we can use.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.Unavailable"/> or <see cref="StoreFault.Refused"/>.</exception>
    public static async Task<EtcdRevisionStore> ConnectAsync(EtcdStoreOptions options, CancellationToken cancellationToken, TimeProvider? time = null)
    {
        var store = new EtcdRevisionStore(options, time ?? TimeProvider.System);
        try
        {
            StatusResponse status = await store._calls.StatusAsync(cancellationToken).ConfigureAwait(false);
            if (!Version.TryParse(status.Version.Split('-')[0], out Version? version) || version < new Version(3, 4))
            {
                throw new StoreException(StoreFault.Refused, $"etcd {status.Version} is too old; 3.4 or newer is needed.");
            }

            return store;
        }
        catch
        {
            await store.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<StoredValue?> GetAsync(string key, CancellationToken cancellationToken)
    {
        RangeResponse response = await _calls.RangeAsync(new RangeRequest { Key = KeyOf(key) }, cancellationToken).ConfigureAwait(false);
        return First(response);
    }

    /// <inheritdoc/>
    public async ValueTask<RangePage> RangeAsync(RangeQuery query, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await ReadRangeAsync(query, cancellationToken).ConfigureAwait(false);
            }
            catch (StoreException e) when (e.Fault == StoreFault.Compacted && query.AtRevision is null)
            {
                // A compaction overtook the reading of a long range in chunks; its start is newer next time.
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<WriteResult> PutAsync(string key, ReadOnlyMemory<byte> value, Expectation expectation, TimeSpan? timeToLive, CancellationToken cancellationToken)
    {
        if (value.Length > _options.MaxValueBytes)
        {
            throw new StoreException(StoreFault.TooLarge, $"The value of {key} has {value.Length} bytes; the store takes {_options.MaxValueBytes}.");
        }

        var put = new PutRequest { Key = KeyOf(key), Value = UnsafeByteOperations.UnsafeWrap(value) };
        if (timeToLive is not { } ttl)
        {
            return await PutAsync(put, expectation, cancellationToken).ConfigureAwait(false);
        }

        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ttl, TimeSpan.Zero, nameof(timeToLive));
        put.Lease = await _leases.ForAsync(ttl, cancellationToken).ConfigureAwait(false);
        try
        {
            return await PutAsync(put, expectation, cancellationToken).ConfigureAwait(false);
        }
        catch (StoreException e) when (e.InnerException is GrpcException { Status: GrpcStatus.NotFound })
        {
            // The lease is gone (revoked by an operator, or the cluster was restored), and nothing was written.
            _leases.Forget(put.Lease);
            put.Lease = await _leases.ForAsync(ttl, cancellationToken).ConfigureAwait(false);
            return await PutAsync(put, expectation, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<WriteResult> DeleteAsync(string key, Expectation expectation, CancellationToken cancellationToken)
    {
        ByteString etcdKey = KeyOf(key);
        var delete = new DeleteRangeRequest { Key = etcdKey, PrevKv = true };
        if (expectation.IsAbsent)
        {
            return WriteResult.Conflict(await GetAsync(key, cancellationToken).ConfigureAwait(false));
        }

        DeleteRangeResponse response;
        if (expectation.Revision is { } revision)
        {
            TxnRequest transaction = IfAt(etcdKey, revision.Value, new RequestOp { RequestDeleteRange = delete });
            TxnResponse outcome = await _calls.TransactAsync(transaction, cancellationToken).ConfigureAwait(false);
            if (!outcome.Succeeded)
            {
                return WriteResult.Conflict(First(outcome.Responses[0].ResponseRange));
            }

            response = outcome.Responses[0].ResponseDeleteRange;
            response.Header = outcome.Header;
        }
        else
        {
            response = await _calls.DeleteAsync(delete, cancellationToken).ConfigureAwait(false);
        }

        return response.Deleted == 0
            ? WriteResult.Conflict(null)
            : WriteResult.At(new Revision(response.Header.Revision), _keys.ValueOf(response.PrevKvs[0]));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<WatchBatch> WatchAsync(string prefix, Revision afterRevision, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        WatchSubscription subscription = await _hub.SubscribeAsync(prefix, afterRevision.Value, cancellationToken).ConfigureAwait(false);
        try
        {
            if (afterRevision.Value < subscription.From)
            {
                await foreach (WatchBatch batch in CatchUpAsync(prefix, afterRevision.Value, subscription.From, cancellationToken).ConfigureAwait(false))
                {
                    yield return batch;
                }
            }

            while (true)
            {
                WatchBatch batch = await subscription.ReadAsync(cancellationToken).ConfigureAwait(false);
                if (WatchSubscription.After(batch, afterRevision) is { } news)
                {
                    yield return news;
                }
            }
        }
        finally
        {
            _hub.Unsubscribe(subscription);
        }
    }

    /// <summary>The store's current revision. Open watches get a mark at it or above soon.</summary>
    public async ValueTask<Revision> CurrentRevisionAsync(CancellationToken cancellationToken)
    {
        long revision = await _calls.CurrentRevisionAsync(cancellationToken).ConfigureAwait(false);
        _hub.WantProgress(revision);
        return new Revision(revision);
    }

    /// <inheritdoc/>
    public async ValueTask CompactAsync(Revision revision, CancellationToken cancellationToken)
    {
        try
        {
            await _calls.CompactAsync(new CompactionRequest { Revision = revision.Value }, cancellationToken).ConfigureAwait(false);
        }
        catch (StoreException e) when (e.Fault == StoreFault.Compacted)
        {
            // As asked.
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync().ConfigureAwait(false);
        _connection.Dispose();
    }

    private static TxnRequest IfAt(ByteString key, long revision, RequestOp then) => new()
    {
        Compare =
        {
            // A key that does not exist has modification revision 0.
            new Compare { Key = key, Target = Compare.Types.CompareTarget.Mod, Result = Compare.Types.CompareResult.Equal, ModRevision = revision },
        },
        Success = { then },
        Failure = { new RequestOp { RequestRange = new RangeRequest { Key = key } } },
    };

    private async Task<WriteResult> PutAsync(PutRequest put, Expectation expectation, CancellationToken cancellationToken)
    {
        if (!expectation.IsAbsent && expectation.Revision is null)
        {
            PutResponse response = await _calls.PutAsync(put, cancellationToken).ConfigureAwait(false);
            return WriteResult.At(new Revision(response.Header.Revision));
        }

        TxnRequest transaction = IfAt(put.Key, expectation.Revision?.Value ?? 0, new RequestOp { RequestPut = put });
        TxnResponse outcome = await _calls.TransactAsync(transaction, cancellationToken).ConfigureAwait(false);
        return outcome.Succeeded
            ? WriteResult.At(new Revision(outcome.Header.Revision))
            : WriteResult.Conflict(First(outcome.Responses[0].ResponseRange));
    }

    private async Task<RangePage> ReadRangeAsync(RangeQuery query, CancellationToken cancellationToken)
    {
        byte[] first = _keys.FirstOf(query.Prefix);
        byte[] end = _keys.EndOf(query.Prefix);
        if (query.AfterKey is { } after && _keys.Of(after) is var last && last.AsSpan().SequenceCompareTo(first) >= 0)
        {
            first = [.. last, 0];
        }

        var items = new List<StoredValue>();
        long revision = query.AtRevision?.Value ?? 0;
        while (true)
        {
            if (!IsBelow(first, end))
            {
                return new RangePage(items, await RevisionOfNothingAsync(revision, cancellationToken).ConfigureAwait(false), 0);
            }

            int limit = query.Limit == 0 ? RangeChunk : Math.Min(RangeChunk, query.Limit - items.Count);
            var request = new RangeRequest
            {
                Key = UnsafeByteOperations.UnsafeWrap(first),
                RangeEnd = UnsafeByteOperations.UnsafeWrap(end),
                Limit = limit,
                Revision = revision,
            };
            RangeResponse response = await _calls.RangeAsync(request, cancellationToken).ConfigureAwait(false);
            revision = revision == 0 ? response.Header.Revision : revision;
            items.EnsureCapacity(items.Count + response.Kvs.Count);
            items.AddRange(response.Kvs.Select(_keys.ValueOf));
            if (!response.More || items.Count == query.Limit)
            {
                return new RangePage(items, new Revision(revision), response.Count - response.Kvs.Count);
            }

            first = [.. response.Kvs[^1].Key.Span, 0];
        }
    }

    /// <summary>Where a page that begins behind its prefix was read, if one can be read there.</summary>
    private async Task<Revision> RevisionOfNothingAsync(long revision, CancellationToken cancellationToken)
    {
        var request = new RangeRequest { Key = UnsafeByteOperations.UnsafeWrap(_keys.Sync), CountOnly = true, Revision = revision };
        RangeResponse response = await _calls.RangeAsync(request, cancellationToken).ConfigureAwait(false);
        return new Revision(revision > 0 ? revision : response.Header.Revision);
    }

    private static bool IsBelow(byte[] first, byte[] end) => end is [0] || first.AsSpan().SequenceCompareTo(end) < 0;

    /// <summary>
    /// Changes in (<paramref name="after"/>, <paramref name="to"/>] from a watch of their own. It also covers our sync key, which is written
    /// once the watch is wanted: its event proves that everything before has been seen.
    /// </summary>
    private async IAsyncEnumerable<WatchBatch> CatchUpAsync(string prefix, long after, long to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await _calls.PutSyncAsync(to, cancellationToken).ConfigureAwait(false);
        var watch = new EtcdWatch(_connection, _keys.Sync, _keys.EndOf(prefix), after + 1);
        await using (watch.ConfigureAwait(false))
        {
            long reached = after;
            while (reached < to)
            {
                EtcdChanges changes = await watch.ReadAsync(cancellationToken).ConfigureAwait(false);
                reached = Math.Min(changes.Revision, to);
                StoreEvent[] events = [.. changes.Events.Where(e => IsWanted(e, prefix, to)).Select(_keys.EventOf)];
                yield return new WatchBatch(new Revision(reached), events);
            }
        }
    }

    private bool IsWanted(Event change, string prefix, long to) =>
        change.Kv.ModRevision <= to && !_keys.IsSync(change.Kv.Key) && change.Kv.Key.Span.StartsWith(_keys.Of(prefix));

    private StoredValue? First(RangeResponse response) => response.Kvs.Count == 0 ? null : _keys.ValueOf(response.Kvs[0]);

    private ByteString KeyOf(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        return key[0] == '\0'
            ? throw new ArgumentException("A key must not begin with U+0000.", nameof(key))
            : UnsafeByteOperations.UnsafeWrap(_keys.Of(key));
    }
}
