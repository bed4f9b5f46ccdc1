using ControlPlane.Agent.Events;
using ControlPlane.Agent.Hooks;
using ControlPlane.Agent.Probes;
using ControlPlane.Api.Core.V1;

namespace ControlPlane.Agent.Pods;

/// <summary>Keeps a pod's probes in step with its runs: each running container that has probes is probed, no other is.</summary>
internal sealed class PodProbes(Prober prober, EventRecorder events, TimeProvider time, Func<PodEvent, ValueTask> post) : IAsyncDisposable
{
    private readonly Dictionary<string, Running> _running = [];

    /// <summary>Called by the pod's loop after every change.</summary>
    public void Follow(PodState state, PodSandbox sandbox)
    {
        foreach (var container in state.Pod.Spec?.Containers ?? [])
        {
            if (container is { LivenessProbe: null, ReadinessProbe: null, StartupProbe: null })
                continue;
            var life = state[container.Name];
            // A pod that ends, or a container that was told to, is not checked any more.
            var wanted = life.IsRunning && life.KillAt is null && state.Stop is null ? life.Run!.Id : null;
            if (_running.TryGetValue(container.Name, out var running) && running.RunId != wanted)
            {
                running.Stop();
                _running.Remove(container.Name);
            }

            if (wanted is not null && !_running.ContainsKey(container.Name) && sandbox.Shim is { } shim && state.Sandbox.PodIp is { } ip)
                _running[container.Name] = Begin(state.Pod, new ProbeTarget(container, wanted, ip, shim), life);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var running in _running.Values)
            running.Stop();
        await Task.WhenAll(_running.Values.Select(r => r.Task)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _running.Clear();
    }

    private Running Begin(Pod pod, ProbeTarget target, ContainerLife life)
    {
        var stop = new CancellationTokenSource();
        var probes = new ContainerProbes(prober, events, time, pod, target, post);
        return new Running(target.RunId, probes.RunAsync(life.Started, life.Ready, life.Run!.StartedAt!.Value, stop.Token), stop);
    }

    private sealed record Running(string RunId, Task Task, CancellationTokenSource Cancellation)
    {
        public void Stop()
        {
            Cancellation.Cancel();
            Cancellation.Dispose();
        }
    }
}
