using ControlPlane.Agent.Events;
using ControlPlane.Agent.Pods;
using ControlPlane.Api.Core.V1;

namespace ControlPlane.Agent.Probes;

/// <summary>
/// The checks of one run of a container: first the startup probe, then liveness and readiness side by side. Verdicts are posted to the
/// pod's worker, which decides what follows from them.
/// </summary>
internal sealed class ContainerProbes(
    Prober prober, EventRecorder events, TimeProvider time, Pod pod, ProbeTarget target, Func<PodEvent, ValueTask> post)
{
    private readonly string _name = target.Container.Name;

    /// <param name="started">The startup probe has succeeded before.</param>
    /// <param name="ready">The readiness probe's last verdict.</param>
    /// <param name="startedAt">When the run began; initial delays count from there.</param>
    /// <param name="cancellation">The run has ended.</param>
    public async Task RunAsync(bool started, bool ready, DateTimeOffset startedAt, CancellationToken cancellation)
    {
        var container = target.Container;
        if (!started && container.StartupProbe is { } startup)
        {
            if (!await StartUpAsync(startup, startedAt, cancellation))
                return;
            ready = container.ReadinessProbe is null;
            await post(new PodEvent.ProbeChanged(_name, target.RunId, Started: true, ready));
        }

        await Task.WhenAll(
            container.LivenessProbe is { } liveness ? LivenessAsync(liveness, startedAt, cancellation) : Task.CompletedTask,
            container.ReadinessProbe is { } readiness ? ReadinessAsync(readiness, ready, startedAt, cancellation) : Task.CompletedTask);
    }

    private async Task<bool> StartUpAsync(Probe probe, DateTimeOffset startedAt, CancellationToken cancellation)
    {
        var tally = new ProbeTally(probe, verdict: null);
        await DelayFirstAsync(probe, startedAt, cancellation);
        while (true)
        {
            var result = await CheckAsync(probe, "Startup", cancellation);
            if (tally.Add(result.Success))
            {
                if (result.Success)
                    return true;
                await post(new PodEvent.ProbeFailed(_name, target.RunId, $"Container {_name} failed startup probe, will be restarted"));
                return false;
            }

            await Task.Delay(Period(probe), time, cancellation);
        }
    }

    private async Task LivenessAsync(Probe probe, DateTimeOffset startedAt, CancellationToken cancellation)
    {
        var tally = new ProbeTally(probe, verdict: true);
        await DelayFirstAsync(probe, startedAt, cancellation);
        while (true)
        {
            var result = await CheckAsync(probe, "Liveness", cancellation);
            if (tally.Add(result.Success) && !result.Success)
            {
                await post(new PodEvent.ProbeFailed(_name, target.RunId, $"Container {_name} failed liveness probe, will be restarted"));
                return;
            }

            await Task.Delay(Period(probe), time, cancellation);
        }
    }

    private async Task ReadinessAsync(Probe probe, bool ready, DateTimeOffset startedAt, CancellationToken cancellation)
    {
        var tally = new ProbeTally(probe, ready);
        await DelayFirstAsync(probe, startedAt, cancellation);
        while (true)
        {
            var result = await CheckAsync(probe, "Readiness", cancellation);
            if (tally.Add(result.Success))
                await post(new PodEvent.ProbeChanged(_name, target.RunId, Started: true, result.Success));
            await Task.Delay(Period(probe), time, cancellation);
        }
    }

    private async Task<ProbeResult> CheckAsync(Probe probe, string kind, CancellationToken cancellation)
    {
        var result = await prober.CheckAsync(probe, target, cancellation);
        if (!result.Success)
            events.Warning(pod, _name, "Unhealthy", $"{kind} probe failed: {result.Message}");
        return result;
    }

    // A run that began long ago was adopted after a restart of the agent: spread its checks, so that not all come at once.
    private Task DelayFirstAsync(Probe probe, DateTimeOffset startedAt, CancellationToken cancellation)
    {
        var age = time.GetUtcNow() - startedAt;
        var initial = TimeSpan.FromSeconds(probe.InitialDelaySeconds ?? 0) - age;
        if (age > Period(probe))
            initial = Period(probe) * Random.Shared.NextDouble();
        return initial > TimeSpan.Zero ? Task.Delay(initial, time, cancellation) : Task.CompletedTask;
    }

    private static TimeSpan Period(Probe probe) => TimeSpan.FromSeconds(probe.PeriodSeconds ?? 10);
}
