namespace ControlPlane.Api.Storage.Watching;

/// <summary>One watcher's bounded inbox. The hub never waits for it: a full inbox ends the watch.</summary>
internal sealed class WatchSubscription(string prefix, long from, int backlog)
{
    // Guards everything below.
    private readonly Lock _gate = new();
    private List<StoreEvent> _inbox = [];
    private long _mark = from;
    private bool _markWanted;
    private Exception? _end;
    private TaskCompletionSource? _waiting;

    public string Prefix { get; } = prefix;

    /// <summary>Changes after this revision arrive here.</summary>
    public long From { get; } = from;

    public static Exception TooSlow() =>
        new StoreException(StoreFault.SlowConsumer, "The watcher fell too far behind and was cut. Watch again from the last revision seen.");

    /// <summary>A batch without what a watch that begins at <paramref name="revision"/> must not see; null when nothing is left.</summary>
    public static WatchBatch? After(WatchBatch batch, Revision revision) =>
        batch.Revision <= revision ? null
        : batch.Events.Count == 0 || batch.Events[0].Revision > revision ? batch
        : batch with { Events = [.. batch.Events.Where(e => e.Revision > revision)] };

    public void Offer(StoreEvent change)
    {
        lock (_gate)
        {
            if (_end is not null)
            {
                return;
            }

            if (_inbox.Count >= backlog)
            {
                _inbox = [];
                _end = TooSlow();
            }
            else
            {
                _inbox.Add(change);
            }

            Wake();
        }
    }

    /// <summary>Everything up to a revision has been offered.</summary>
    public void Mark(long revision)
    {
        lock (_gate)
        {
            if (revision > _mark)
            {
                _mark = revision;
                _markWanted = true;
                Wake();
            }
        }
    }

    public void End(Exception fault)
    {
        lock (_gate)
        {
            _end ??= fault;
            Wake();
        }
    }

    /// <summary>Waits for changes or a mark.</summary>
    public async ValueTask<WatchBatch> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task wait;
            lock (_gate)
            {
                if (TryTake() is { } batch)
                {
                    return batch;
                }

                _waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                wait = _waiting.Task;
            }

            await wait.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private WatchBatch? TryTake()
    {
        if (_inbox.Count > 0)
        {
            List<StoreEvent> events = _inbox;
            _inbox = [];
            _mark = Math.Max(_mark, events[^1].Revision.Value);
            _markWanted = false;
            return new WatchBatch(new Revision(_mark), events);
        }

        if (_end is not null)
        {
            throw _end;
        }

        if (_markWanted)
        {
            _markWanted = false;
            return new WatchBatch(new Revision(_mark), []);
        }

        return null;
    }

    private void Wake()
    {
        _waiting?.TrySetResult();
        _waiting = null;
    }
}
