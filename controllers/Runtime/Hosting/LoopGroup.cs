namespace ControlPlane.Controllers.Hosting;

/// <summary>Loops that live and die together: the first that ends by itself ends all. A dead loop is a dead process.</summary>
internal sealed class LoopGroup : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();

    // Under _gate.
    private readonly List<Task> _loops = [];

    /// <summary>Never completes while all is well; fails with the first failure.</summary>
    public Task Failed => _failed.Task;

    /// <summary>Starts a loop. After the group has stopped, nothing.</summary>
    public void Start(string name, Func<CancellationToken, Task> loop)
    {
        lock (_gate)
            _loops.Add(Task.Run(() => RunAsync(name, loop)));
    }

    /// <summary>Cancels all loops and waits for their ends.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        while (TakeLoops() is { Count: > 0 } loops)
            await Task.WhenAll(loops).ConfigureAwait(false);
    }

    private List<Task> TakeLoops()
    {
        lock (_gate)
        {
            var loops = _loops.ToList();
            _loops.Clear();
            return loops;
        }
    }

    private async Task RunAsync(string name, Func<CancellationToken, Task> loop)
    {
        try
        {
            await loop(_stop.Token).ConfigureAwait(false);
            if (!_stop.IsCancellationRequested)
                _failed.TrySetException(new InvalidOperationException($"The {name} loop ended."));
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Asked to.
        }
        catch (Exception e)
        {
            _failed.TrySetException(new InvalidOperationException($"The {name} loop failed: {e.Message}", e));
        }
    }
}
