namespace ControlPlane.Api.Storage;

/// <summary>
/// Bytes by key, under one monotonic revision counter. It knows nothing of resources.
/// <para>
/// Ordering: every committed write takes the next revision (or a later one, when the backend is shared); all keys share the counter.
/// Visibility: a write that returned is seen by every read that starts afterwards, on any client of the same backend (linearizable).
/// Durability: a write returns only when it would survive loss of power.
/// </para>
/// <para>
/// Expected outcomes (a failed expectation, an absent key) are values. Faults are <see cref="StoreException"/>s.
/// A cancelled write may or may not have been committed; read the key to find out.
/// </para>
/// </summary>
public interface IRevisionStore : IAsyncDisposable
{
    /// <summary>The latest value of <paramref name="key"/>, or <c>null</c> when it does not exist. Linearizable.</summary>
    ValueTask<StoredValue?> GetAsync(string key, CancellationToken cancellationToken);

    /// <summary>
    /// Keys with a prefix, in ordinal (UTF-8 byte) order, all seen at one revision. Pages of one list pass the first page's
    /// <see cref="RangePage.Revision"/> as <see cref="RangeQuery.AtRevision"/>.
    /// </summary>
    /// <exception cref="StoreException"><see cref="StoreFault.Compacted"/> or <see cref="StoreFault.FutureRevision"/> for <see cref="RangeQuery.AtRevision"/>.</exception>
    ValueTask<RangePage> RangeAsync(RangeQuery query, CancellationToken cancellationToken);

    /// <summary>Writes <paramref name="value"/> if the key is as <paramref name="expectation"/> says. The store keeps the memory: the caller never changes it again.</summary>
    /// <param name="key">A non-empty key.</param>
    /// <param name="value">The whole new value.</param>
    /// <param name="expectation">What the key must be for the write to happen.</param>
    /// <param name="timeToLive">When set, the key is deleted (with an ordinary delete event) this long after the write, ±10 s; a later write replaces or clears it.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="StoreException"><see cref="StoreFault.TooLarge"/>, <see cref="StoreFault.NoSpace"/> or <see cref="StoreFault.Unavailable"/>.</exception>
    ValueTask<WriteResult> PutAsync(string key, ReadOnlyMemory<byte> value, Expectation expectation, TimeSpan? timeToLive, CancellationToken cancellationToken);

    /// <summary>Deletes the key if it is as <paramref name="expectation"/> says. Deleting an absent key is a conflict whose current value is <c>null</c>.</summary>
    ValueTask<WriteResult> DeleteAsync(string key, Expectation expectation, CancellationToken cancellationToken);

    /// <summary>
    /// Every change of keys with <paramref name="prefix"/> after <paramref name="afterRevision"/>, in revision order, without gap or duplicate.
    /// One revision is never split over batches. A batch without events is a progress mark: nothing up to its revision is still to come.
    /// The stream ends only by cancellation or a fault.
    /// </summary>
    /// <exception cref="StoreException"><see cref="StoreFault.Compacted"/> when history after <paramref name="afterRevision"/> is gone;
    /// <see cref="StoreFault.SlowConsumer"/> when the reader fell too far behind.</exception>
    IAsyncEnumerable<WatchBatch> WatchAsync(string prefix, Revision afterRevision, CancellationToken cancellationToken);

    /// <summary>
    /// The store's current revision, linearizable: at least that of every write that has returned. Asking also brings every open watch a batch
    /// or a mark at or above it soon, so a cache waits for its watch to get there and is then as fresh as the store.
    /// </summary>
    ValueTask<Revision> CurrentRevisionAsync(CancellationToken cancellationToken);

    /// <summary>Forgets history before <paramref name="revision"/>; current values stay. Compacting what is compacted already does nothing.</summary>
    ValueTask CompactAsync(Revision revision, CancellationToken cancellationToken);
}
