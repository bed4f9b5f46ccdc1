namespace ControlPlane.Api.Storage.Embedded.Commit;

/// <summary>Something the writer does in its turn.</summary>
internal abstract class Command
{
    /// <summary>What it adds to a batch, in bytes.</summary>
    public abstract int Cost { get; }

    public abstract void Fail(Exception fault);
}

/// <summary>A conditional put or delete.</summary>
internal sealed class WriteCommand(string key, ReadOnlyMemory<byte>? value, Expectation expectation, TimeSpan? timeToLive) : Command
{
    private readonly TaskCompletionSource<WriteResult> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Key { get; } = key;

    public ReadOnlyMemory<byte>? Value { get; } = value;

    public Expectation Expectation { get; } = expectation;

    public TimeSpan? TimeToLive { get; } = timeToLive;

    /// <summary>Decided by the writer, told when it is durable.</summary>
    public WriteResult Outcome { get; set; }

    public override int Cost { get; } = Log.LogChange.MaxLengthOf(key, value?.Length ?? 0);

    public Task<WriteResult> Done => _done.Task;

    public void Complete() => _done.TrySetResult(Outcome);

    public override void Fail(Exception fault) => _done.TrySetException(fault);
}

/// <summary>Work that must not meet a write: it runs alone, on the writer.</summary>
internal sealed class ExclusiveCommand<T>(Func<T> work) : Command, IExclusive
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override int Cost => 0;

    public Task<T> Done => _done.Task;

    public void Run() => _done.TrySetResult(work());

    public override void Fail(Exception fault) => _done.TrySetException(fault);
}

internal interface IExclusive
{
    void Run();
}
