namespace ControlPlane.Api.Storage;

/// <summary>Why the store could not do what was asked.</summary>
public enum StoreFault
{
    /// <summary>The revision's history has been compacted away.</summary>
    Compacted,

    /// <summary>The revision has not happened yet.</summary>
    FutureRevision,

    /// <summary>No answer from the backend; the write's outcome may be unknown. Retrying is right.</summary>
    Unavailable,

    /// <summary>The value is larger than the backend takes.</summary>
    TooLarge,

    /// <summary>No space: writes are refused until there is some; reads go on.</summary>
    NoSpace,

    /// <summary>A watcher fell too far behind and was cut.</summary>
    SlowConsumer,

    /// <summary>What is on disk is not what was written. The message says where and what to do.</summary>
    Corrupt,

    /// <summary>Another process owns the store, or credentials were refused.</summary>
    Refused,
}

/// <summary>A fault of the store, classified; never matched by its text.</summary>
public sealed class StoreException : Exception
{
    /// <summary>A fault with a sentence for the operator.</summary>
    public StoreException(StoreFault fault, string message, Exception? inner = null) : base(message, inner) => Fault = fault;

    /// <summary>The class of the fault.</summary>
    public StoreFault Fault { get; }

    /// <summary>For <see cref="StoreFault.Compacted"/>: history is kept from here on. For <see cref="StoreFault.FutureRevision"/>: the current revision. <c>null</c> when the backend does not tell.</summary>
    public Revision? Boundary { get; init; }
}
