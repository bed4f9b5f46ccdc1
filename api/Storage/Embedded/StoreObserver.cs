namespace ControlPlane.Api.Storage.Embedded;

/// <summary>
/// What an embedded store tells its host, for logs and metrics. Calls come from the store's own threads; they must be quick and must not throw.
/// </summary>
public abstract class StoreObserver
{
    /// <summary>Tells nobody.</summary>
    public static StoreObserver None { get; } = new Silent();

    /// <summary>The store was read from disk.</summary>
    public virtual void Recovered(string path, int keys, Revision revision, TimeSpan took)
    {
    }

    /// <summary>The log ended in an interrupted, never acknowledged write, which was cut.</summary>
    public virtual void TailCut(string file, long offset, long bytes)
    {
    }

    /// <summary>A batch became durable.</summary>
    public virtual void BatchCommitted(int changes, int bytes, TimeSpan sync)
    {
    }

    /// <summary>A snapshot became durable and the log before it was given up.</summary>
    public virtual void SnapshotWritten(Revision revision, int keys, long bytes, TimeSpan took)
    {
    }

    /// <summary>Space ran out: writes fail until some returns.</summary>
    public virtual void SpaceExhausted(StoreException fault)
    {
    }

    /// <summary>Writes succeed again.</summary>
    public virtual void SpaceReturned()
    {
    }

    /// <summary>The disk failed. Writes are refused from now on; the process should be restarted, which reads back exactly what is durable.</summary>
    public virtual void Failed(Exception fault)
    {
    }

    /// <summary>Looking after the log failed this time (no snapshot, no prepared segment); it is tried again, and writes go on meanwhile.</summary>
    public virtual void HousekeepingFailed(Exception fault)
    {
    }

    private sealed class Silent : StoreObserver;
}
