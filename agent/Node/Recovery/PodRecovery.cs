using ControlPlane.Agent.Containers;
using ControlPlane.Agent.Hooks;
using ControlPlane.Agent.Linux;
using ControlPlane.Agent.Networks;
using ControlPlane.Agent.Pods;
using ControlPlane.Agent.Shim.Contract;
using ControlPlane.Agent.Shims;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Recovery;

/// <summary>
/// Finds what an earlier agent has left, before anything new begins. For a pod whose state says that it has a sandbox there are these
/// possibilities:
/// <list type="bullet">
/// <item>Its shim answers: the pod is adopted as it is. Starts and ends that the state missed are taken from the shim.</item>
/// <item>Its shim lives but does not answer: adopted too; the exit watch goes on trying.</item>
/// <item>Its shim is dead: ends that it recorded are taken from disk; the rest is torn down and made anew.</item>
/// <item>The machine was restarted since: nothing of it exists; as a dead shim, without records to trust.</item>
/// </list>
/// Directories without a state are remains of a removal that was cut short; they are undone by their name alone.
/// </summary>
internal sealed partial class PodRecovery(
    PodStore store, SandboxHooks hooks, ContainerStarter starter, NodeNetwork network, TimeProvider time, ILogger<PodRecovery> log)
{
    private const int Parallelism = 16;

    /// <summary>Adopts every pod there is, and removes what belongs to none.</summary>
    public async Task RunAsync(Action<PodState, PodSandbox> adopt, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        var states = store.LoadAll();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellation };
        await Parallel.ForEachAsync(states, parallel, async (state, token) =>
        {
            var sandbox = new PodSandbox(state.Pod, store.PathsOf(state.Uid)) { PodIp = state.Sandbox.PodIp };
            adopt(await RecoverAsync(state, sandbox, token), sandbox);
        });
        if (states.Count > 0)
            Log.Adopted(log, states.Count, time.GetElapsedTime(began).TotalMilliseconds);
        foreach (var remains in store.Remains().ToList())
            await RemoveAsync(Path.GetFileName(remains), cancellation);
        if (network.FindCni() is { } cni)
            await cni.SweepAsync(states.Select(s => s.Uid).ToHashSet(), cancellation);
    }

    private async Task<PodState> RecoverAsync(PodState state, PodSandbox sandbox, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var boot = HostIdentity.BootId();
        if (state.BootId != boot)
        {
            Log.Rebooted(log, ObjectKey.Of(state.Pod));
            state = state with { BootId = boot };
            return state.Sandbox.Stage == SandboxStage.Absent ? state : PodTransitions.Apply(state, new PodEvent.SandboxLost(), now);
        }

        if (state.Sandbox.Stage != SandboxStage.Ready)
            return state;
        var found = await ShimLauncher.ReconnectAsync(sandbox.Paths.Root, cancellation);
        if (found.State == ShimLiveness.Dead)
        {
            Log.ShimDead(log, ObjectKey.Of(state.Pod));
            foreach (var ended in ExitReports.FromFiles(state, sandbox.Paths))
                state = PodTransitions.Apply(state, ended, now);
            return PodTransitions.Apply(state, new PodEvent.SandboxLost(), now);
        }

        sandbox.Shim = found.Client ?? new ShimClient(sandbox.Paths.Root);
        foreach (var life in state.Containers.Values)
        {
            if (life.Run is { Cleaned: false } run)
                starter.Adopt(sandbox, run);
        }

        return found.State == ShimLiveness.Alive ? await CompareAsync(state, sandbox, now, cancellation) : state;
    }

    // Ends are announced again by the exit watch; here only what the shim alone can tell: whether a start happened, and whether a run
    // that the state believes in exists at all.
    private static async Task<PodState> CompareAsync(PodState state, PodSandbox sandbox, DateTimeOffset now, CancellationToken cancellation)
    {
        var known = (await sandbox.Shim!.ListAsync(cancellation)).ToDictionary(c => c.Id);
        foreach (var (name, life) in state.Containers)
        {
            if (life.Run is not { End: null } run)
                continue;
            if (known.TryGetValue(run.Id, out var container) && container.Phase is ContainerPhase.Running or ContainerPhase.Exited)
            {
                if (run.StartedAt is null)
                    state = PodTransitions.Apply(state, new PodEvent.RunStarted(name, run.Id, container.Pid, ExitReports.Time(container.StartedAt)), now);
            }
            else if (run.StartedAt is not null)
            {
                var ended = ExitReports.FromFiles(state, sandbox.Paths).FirstOrDefault(e => e.RunId == run.Id);
                state = PodTransitions.Apply(state, ended ?? Unknown(state, name, run, now), now);
            }
        }

        return state;
    }

    private static PodEvent.RunEnded Unknown(PodState state, string container, ContainerRun run, DateTimeOffset now) => new(
        container,
        run.Id,
        new ContainerStateTerminated
        {
            ExitCode = 137,
            Reason = "ContainerStatusUnknown",
            Message = "The pod's shim does not know the container any more.",
            StartedAt = run.StartedAt,
            FinishedAt = now,
            ContainerId = PodSpecs.ContainerId(state.Uid, run.Id),
        });

    private async Task RemoveAsync(string uid, CancellationToken cancellation)
    {
        var pod = new Pod { Metadata = new ObjectMeta { Uid = uid, Name = uid } };
        Log.Remains(log, uid);
        try
        {
            using var sandbox = new PodSandbox(pod, store.PathsOf(uid));
            await hooks.UndoAsync(sandbox, cancellation);
            store.Remove(uid);
        }
        catch (Exception e) when (e is AggregateException or IOException)
        {
            // It costs disk and perhaps an address, not correctness; the next start of the agent tries again.
            Log.RemainsStay(log, uid, e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2300, LogLevel.Information, "Took over {Count} pods in {Milliseconds:0} ms")]
        public static partial void Adopted(ILogger log, int count, double milliseconds);

        [LoggerMessage(2301, LogLevel.Information, "{Pod} was made before the machine was restarted; it is made anew")]
        public static partial void Rebooted(ILogger log, ObjectKey pod);

        [LoggerMessage(2302, LogLevel.Warning, "{Pod} has lost its shim; it is made anew")]
        public static partial void ShimDead(ILogger log, ObjectKey pod);

        [LoggerMessage(2303, LogLevel.Information, "Removing what is left of pod {Uid}")]
        public static partial void Remains(ILogger log, string uid);

        [LoggerMessage(2304, LogLevel.Warning, "What is left of pod {Uid} could not be removed: {Problem}")]
        public static partial void RemainsStay(ILogger log, string uid, string problem);
    }
}
