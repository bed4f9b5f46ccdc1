namespace ControlPlane.Api.Storage;

/// <summary>The outcome of a conditional write: committed at a revision, or in conflict with what is there.</summary>
public readonly record struct WriteResult
{
    private WriteResult(bool committed, Revision revision, StoredValue? current)
    {
        Committed = committed;
        Revision = revision;
        Current = current;
    }

    /// <summary>Whether the write happened.</summary>
    public bool Committed { get; }

    /// <summary>The write's revision when <see cref="Committed"/>.</summary>
    public Revision Revision { get; }

    /// <summary>On conflict: what is there now (<c>null</c> = no such key). On a committed delete: the deleted value.</summary>
    public StoredValue? Current { get; }

    /// <summary>The write happened at <paramref name="revision"/>; a delete also tells what it removed.</summary>
    public static WriteResult At(Revision revision, StoredValue? deleted = null) => new(true, revision, deleted);

    /// <summary>The expectation did not hold; nothing changed.</summary>
    public static WriteResult Conflict(StoredValue? current) => new(false, default, current);
}
