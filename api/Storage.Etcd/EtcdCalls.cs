using Google.Protobuf;
using ControlPlane.Api.Storage.Etcd.Protocol;
using ControlPlane.Api.Storage.Etcd.Transport;

namespace ControlPlane.Api.Storage.Etcd;

/// <summary>etcd's calls with the store's faults.</summary>
internal sealed class EtcdCalls(EtcdConnection connection, EtcdKeys keys)
{
    // Guards _sync.
    private readonly Lock _gate = new();
    private Task<long> _sync = Task.FromResult(0L);

    public Task<RangeResponse> RangeAsync(RangeRequest request, CancellationToken cancellationToken) =>
        CallAsync("/etcdserverpb.KV/Range", request, RangeResponse.Parser, repeatable: true, cancellationToken);

    public Task<PutResponse> PutAsync(PutRequest request, CancellationToken cancellationToken) =>
        CallAsync("/etcdserverpb.KV/Put", request, PutResponse.Parser, repeatable: false, cancellationToken);

    public Task<DeleteRangeResponse> DeleteAsync(DeleteRangeRequest request, CancellationToken cancellationToken) =>
        CallAsync("/etcdserverpb.KV/DeleteRange", request, DeleteRangeResponse.Parser, repeatable: false, cancellationToken);

    public Task<TxnResponse> TransactAsync(TxnRequest request, CancellationToken cancellationToken) =>
        CallAsync("/etcdserverpb.KV/Txn", request, TxnResponse.Parser, repeatable: false, cancellationToken);

    public Task<CompactionResponse> CompactAsync(CompactionRequest request, CancellationToken cancellationToken) =>
        CallAsync("/etcdserverpb.KV/Compact", request, CompactionResponse.Parser, repeatable: true, cancellationToken);

    // Granting twice leaves a lease that nobody uses, until it runs out.
    public Task<LeaseGrantResponse> GrantLeaseAsync(LeaseGrantRequest request, CancellationToken cancellationToken) =>
        CallAsync("/etcdserverpb.Lease/LeaseGrant", request, LeaseGrantResponse.Parser, repeatable: true, cancellationToken);

    public Task<StatusResponse> StatusAsync(CancellationToken cancellationToken) =>
        CallAsync("/etcdserverpb.Maintenance/Status", new StatusRequest(), StatusResponse.Parser, repeatable: true, cancellationToken);

    /// <summary>The header of a linearizable read carries the store's revision.</summary>
    public async Task<long> CurrentRevisionAsync(CancellationToken cancellationToken)
    {
        var request = new RangeRequest { Key = UnsafeByteOperations.UnsafeWrap(keys.Sync), CountOnly = true };
        return (await RangeAsync(request, cancellationToken).ConfigureAwait(false)).Header.Revision;
    }

    /// <summary>Makes an event after a revision that every watch of the whole prefix sees. Callers at the same time share one.</summary>
    public async Task PutSyncAsync(long after, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task<long> put;
            lock (_gate)
            {
                put = _sync = _sync.IsCompleted ? PutSyncAsync() : _sync;
            }

            if (await put.WaitAsync(cancellationToken).ConfigureAwait(false) > after)
            {
                return;
            }
        }
    }

    // Shared, so not any one's to cancel; the call has its own deadline.
    private async Task<long> PutSyncAsync()
    {
        var request = new PutRequest { Key = UnsafeByteOperations.UnsafeWrap(keys.Sync) };
        PutResponse response = await CallAsync("/etcdserverpb.KV/Put", request, PutResponse.Parser, repeatable: true, CancellationToken.None).ConfigureAwait(false);
        return response.Header.Revision;
    }

    private async Task<TResponse> CallAsync<TResponse>(string path, IMessage request, MessageParser<TResponse> parser, bool repeatable, CancellationToken cancellationToken)
        where TResponse : class, IMessage<TResponse>
    {
        try
        {
            return await connection.CallAsync(path, request, parser, repeatable, cancellationToken).ConfigureAwait(false);
        }
        catch (GrpcException e)
        {
            throw Translate(e);
        }
    }

    /// <summary>etcd shares status codes between errors; like its own clients we tell those apart by their fixed texts, here only.</summary>
    private static StoreException Translate(GrpcException e)
    {
        StoreFault fault = e.Status switch
        {
            GrpcStatus.OutOfRange when e.Message.EndsWith("required revision has been compacted", StringComparison.Ordinal) => StoreFault.Compacted,
            GrpcStatus.OutOfRange => StoreFault.FutureRevision,
            GrpcStatus.ResourceExhausted when e.Message.EndsWith("database space exceeded", StringComparison.Ordinal) => StoreFault.NoSpace,
            GrpcStatus.ResourceExhausted when e.Message.Contains("larger than max", StringComparison.Ordinal) => StoreFault.TooLarge,
            GrpcStatus.InvalidArgument when e.Message.EndsWith("request is too large", StringComparison.Ordinal) => StoreFault.TooLarge,
            GrpcStatus.PermissionDenied or GrpcStatus.Unauthenticated or GrpcStatus.InvalidArgument => StoreFault.Refused,
            _ => StoreFault.Unavailable,
        };
        return new StoreException(fault, e.Message, e);
    }
}
