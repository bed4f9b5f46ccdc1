namespace ControlPlane.Agent.Hooks;

/// <summary>
/// The hooks of a sandbox in order: steps one after the other, hooks of one step side by side. Undone in reverse, all of them whatever
/// fails on the way, because none can know how far a killed agent had come.
/// </summary>
internal sealed class SandboxHooks(IReadOnlyList<IReadOnlyList<IPodHook>> steps)
{
    public async Task ApplyAsync(PodSandbox sandbox, CancellationToken cancellation)
    {
        foreach (var step in steps)
            await Task.WhenAll(step.Select(hook => hook.ApplyAsync(sandbox, cancellation)));
    }

    /// <exception cref="AggregateException">What could not be undone; undoing again goes on from there.</exception>
    public async Task UndoAsync(PodSandbox sandbox, CancellationToken cancellation)
    {
        var faults = new List<Exception>();
        foreach (var step in steps.Reverse())
        {
            foreach (var hook in step)
            {
                try
                {
                    await hook.UndoAsync(sandbox, cancellation);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    faults.Add(new IOException($"{hook.Name}: {e.Message}", e));
                }
            }
        }

        if (faults.Count > 0)
            throw new AggregateException(string.Join("; ", faults.Select(f => f.Message)), faults);
    }
}
