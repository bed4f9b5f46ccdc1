using System.Runtime.CompilerServices;
using ControlPlane.Api.Storage.Embedded.Commit;
using ControlPlane.Api.Storage.Embedded.Files;
using ControlPlane.Api.Storage.Embedded.Index;
using ControlPlane.Api.Storage.Embedded.Log;
using ControlPlane.Api.Storage.Embedded.Watching;
using ControlPlane.Api.Storage.Watching;

namespace ControlPlane.Api.Storage.Embedded;

/// <summary>
/// A store in a directory, owned by one process. Everything is in memory, ordered and with recent history; a log makes each write durable
/// before it is acknowledged. Reads never wait for writes.
/// </summary>
public sealed class EmbeddedRevisionStore : IRevisionStore
{
    private const int WatchWindow = 1024;
    private readonly EmbeddedStoreOptions _options;
    private readonly IStoreFiles _files;
    private readonly SegmentedLog _log;
    private readonly KeyIndex _index;
    private readonly Committer _committer;
    private readonly CommitQueue _queue;
    private readonly WatchHub _hub;
    private readonly Housekeeper _housekeeper;

    private EmbeddedRevisionStore(EmbeddedStoreOptions options, IStoreFiles files, RecoveredState state, StoreObserver observer, TimeProvider time)
    {
        _options = options;
        _files = files;
        _log = state.Log;
        _index = state.Index;
        _hub = new WatchHub(_index, options.WatchBacklog);
        _committer = new Committer(_index, _log, state.Expiries, time, observer) { Published = _ => _hub.Signal() };
        _queue = new CommitQueue("store-writer", options.MaxBatchBytes, _committer.Commit);
        _housekeeper = new Housekeeper(this, options, state, files, observer, time);
    }

    /// <summary>Opens the store in a directory, making it when it is missing.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.Refused"/> when another process owns it; <see cref="StoreFault.Corrupt"/> when it is damaged.</exception>
    public static Task<EmbeddedRevisionStore> OpenAsync(
        EmbeddedStoreOptions options,
        StoreObserver? observer = null,
        TimeProvider? time = null,
        CancellationToken cancellationToken = default)
    {
        options.Validate();
        // Recovery reads files synchronously; the caller's thread is not ours to hold.
        return Task.Run(() => Open(options, DirectoryFiles.Open(options.Path), observer ?? StoreObserver.None, time ?? TimeProvider.System), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<StoredValue?> GetAsync(string key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(_index.Get(key));
    }

    /// <inheritdoc/>
    public ValueTask<RangePage> RangeAsync(RangeQuery query, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(_index.Range(query));
    }

    /// <inheritdoc/>
    public ValueTask<WriteResult> PutAsync(string key, ReadOnlyMemory<byte> value, Expectation expectation, TimeSpan? timeToLive, CancellationToken cancellationToken)
    {
        if (value.Length > _options.MaxValueBytes)
        {
            throw new StoreException(StoreFault.TooLarge, $"The value of {key} has {value.Length} bytes; the store takes {_options.MaxValueBytes}.");
        }

        if (timeToLive is { } ttl)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ttl, TimeSpan.Zero, nameof(timeToLive));
        }

        return WriteAsync(key, value, expectation, timeToLive, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<WriteResult> DeleteAsync(string key, Expectation expectation, CancellationToken cancellationToken) =>
        WriteAsync(key, null, expectation, null, cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<WatchBatch> WatchAsync(string prefix, Revision afterRevision, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        WatchSubscription subscription = _hub.Subscribe(prefix);
        try
        {
            long after = afterRevision.Value;
            bool started = false;
            while (after < subscription.From)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var events = new List<StoreEvent>();
                long reached = _index.History.Read(after, subscription.From, WatchWindow, prefix, started, events);
                if (reached < 0)
                {
                    throw started ? WatchSubscription.TooSlow() : KeyIndex.Compacted(after, _index.History.Floor);
                }

                (after, started) = (reached, true);
                if (events.Count > 0)
                {
                    yield return new WatchBatch(new Revision(reached), events);
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

    /// <summary>The store's current revision. Open watches get a mark at it or above right away.</summary>
    public ValueTask<Revision> CurrentRevisionAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _hub.WantProgress();
        return ValueTask.FromResult(new Revision(_index.Published));
    }

    /// <inheritdoc/>
    public ValueTask CompactAsync(Revision revision, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        long published = _index.Published;
        if (revision.Value > published)
        {
            throw new StoreException(StoreFault.FutureRevision, $"Revision {revision} has not happened yet; the store is at {published}.")
            {
                Boundary = new Revision(published),
            };
        }

        _index.History.RaiseFloor(revision.Value);
        return ValueTask.CompletedTask;
    }

    /// <summary>Finishes the writes begun, marks the log complete and gives the directory free.</summary>
    public async ValueTask DisposeAsync()
    {
        await _housekeeper.DisposeAsync().ConfigureAwait(false);
        if (!_queue.Close())
        {
            return;
        }

        _hub.Close();
        try
        {
            _committer.Seal();
        }
        finally
        {
            _log.Dispose();
            _files.Dispose();
        }
    }

    internal static EmbeddedRevisionStore Open(EmbeddedStoreOptions options, IStoreFiles files, StoreObserver observer, TimeProvider time)
    {
        try
        {
            RecoveredState state = RecoveredState.Read(options, files, observer);
            return new EmbeddedRevisionStore(options, files, state, observer, time);
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    /// <summary>Runs work in the writer's turn.</summary>
    internal Task<T> ExclusivelyAsync<T>(Func<T> work)
    {
        var command = new ExclusiveCommand<T>(work);
        _queue.Submit(command);
        return command.Done;
    }

    /// <summary>Queues writes that share a batch.</summary>
    internal void Submit(ReadOnlySpan<Command> commands) => _queue.Submit(commands);

    internal Committer Committer => _committer;

    internal WatchHub Hub => _hub;

    internal Housekeeper Housekeeper => _housekeeper;

    private ValueTask<WriteResult> WriteAsync(string key, ReadOnlyMemory<byte>? value, Expectation expectation, TimeSpan? timeToLive, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(key.Length, _options.MaxKeyLength);
        cancellationToken.ThrowIfCancellationRequested();
        var command = new WriteCommand(key, value, expectation, timeToLive);
        _queue.Submit(command);
        return new ValueTask<WriteResult>(cancellationToken.CanBeCanceled && !command.Done.IsCompleted ? command.Done.WaitAsync(cancellationToken) : command.Done);
    }
}
