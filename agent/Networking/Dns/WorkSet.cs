namespace ControlPlane.Agent.Networking.Dns;

/// <summary>Tasks that run beside a loop, so that whoever stops the loop can wait for them.</summary>
internal sealed class WorkSet
{
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _running = [];

    public void Add(Task task)
    {
        lock (_gate)
            _running.Add(task);
        task.ContinueWith(Remove, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    public Task DrainAsync()
    {
        lock (_gate)
            return Task.WhenAll(_running).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private void Remove(Task task)
    {
        lock (_gate)
            _running.Remove(task);
    }
}
