using System.Collections.Concurrent;
using ControlPlane.Api.Storage.Etcd.Protocol;

namespace ControlPlane.Api.Storage.Etcd;

/// <summary>
/// Leases for keys with a time to live. Keys whose deadlines fall into the same few seconds share a lease that ends with those seconds:
/// never early, little late, and few leases however many keys.
/// </summary>
internal sealed class LeaseBuckets(EtcdCalls calls, TimeProvider time)
{
    private const long BucketSeconds = 5;
    private readonly ConcurrentDictionary<long, Lazy<Task<long>>> _leases = new();

    public async Task<long> ForAsync(TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        double now = time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
        long bucket = (long)Math.Ceiling((now + timeToLive.TotalSeconds) / BucketSeconds);
        ForgetBefore((long)(now / BucketSeconds));
        Lazy<Task<long>> lease = _leases.GetOrAdd(bucket, b => new Lazy<Task<long>>(() => GrantAsync((long)Math.Ceiling((b * BucketSeconds) - now))));
        try
        {
            return await lease.Value.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (StoreException)
        {
            _leases.TryRemove(new KeyValuePair<long, Lazy<Task<long>>>(bucket, lease));
            throw;
        }
    }

    /// <summary>The server does not know this lease (any more).</summary>
    public void Forget(long lease)
    {
        foreach (KeyValuePair<long, Lazy<Task<long>>> pair in _leases)
        {
            if (pair.Value is { IsValueCreated: true, Value: { IsCompletedSuccessfully: true, Result: var id } } && id == lease)
            {
                _leases.TryRemove(pair);
            }
        }
    }

    private async Task<long> GrantAsync(long seconds)
    {
        // Shared by many callers, so not any one's to cancel; the call has its own deadline.
        LeaseGrantResponse response = await calls.GrantLeaseAsync(new LeaseGrantRequest { Ttl = seconds }, CancellationToken.None).ConfigureAwait(false);
        return response.Id;
    }

    private void ForgetBefore(long bucket)
    {
        foreach (long old in _leases.Keys.Where(b => b <= bucket))
        {
            _leases.TryRemove(old, out _);
        }
    }
}
