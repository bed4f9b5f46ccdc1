using ControlPlane.Api.Core.V1;

namespace ControlPlane.Agent.Pods;

/// <summary>How events and begun actions change a pod's state. Pure: no clock, no I/O.</summary>
internal static class PodTransitions
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(300);
    private static readonly TimeSpan LongestSandboxRetry = TimeSpan.FromSeconds(30);

    /// <summary>What the state is once an action has been begun.</summary>
    public static PodState Begin(PodState state, PodAction action) => action switch
    {
        PodAction.SetUpSandbox => state with { Sandbox = state.Sandbox with { Stage = SandboxStage.Creating, Busy = true } },
        PodAction.TearDownSandbox => state with { Sandbox = BeginTearDown(state.Sandbox) },
        PodAction.EnsureImage(var name) => Change(state, name, life => life with { Image = ImageStage.Preparing }),
        PodAction.StartContainer(var name, _) => Change(state, name, life => life with { Busy = true }),
        PodAction.CleanRun(var name) => Change(state, name, life => life with { Busy = true }),
        PodAction.StopContainer(var name, var killAt, _) => Change(state, name, life => life with { KillAt = killAt }),
        PodAction.BeginStop(var stop) => state with { Stop = stop },
        PodAction.RemovePod => state with { Removing = true },
        _ => state,
    };

    public static PodState Apply(PodState state, PodEvent happened, DateTimeOffset now) => happened switch
    {
        PodEvent.DesiredChanged(var pod) => state with { Pod = pod },
        PodEvent.ObjectVanished => state with { ObjectGone = true },
        PodEvent.SandboxReady(var ip) =>
            state with { Sandbox = new SandboxState { Stage = SandboxStage.Ready, PodIp = ip } },
        PodEvent.SandboxFailed(var reason, var message) => state with
        {
            // What was made before the failure is used by the next try, or removed by the tear-down.
            Sandbox = Hinder(state.Sandbox, reason, message, now),
        },
        PodEvent.SandboxLost => LoseSandbox(state, now),
        PodEvent.SandboxRemoved => state with
        {
            Sandbox = new SandboxState(),
            Containers = state.Containers.ToDictionary(c => c.Key, c => Removed(c.Value)),
        },
        PodEvent.SandboxRemovalFailed(var message) => state with { Sandbox = Hinder(state.Sandbox, "FailedKillPod", message, now) },
        PodEvent.PodRemovalFailed(var message) => state with
        {
            Removing = false,
            Sandbox = Hinder(state.Sandbox, "FailedKillPod", message, now),
        },
        _ => ApplyToContainer(state, happened, now),
    };

    private static PodState ApplyToContainer(PodState state, PodEvent happened, DateTimeOffset now) => happened switch
    {
        PodEvent.ImageReady(var name) =>
            Change(state, name, life => life with { Image = ImageStage.Ready, Hindrance = KeepUnlessImage(life.Hindrance) }),
        PodEvent.StartHindered(var name, var reason, var message) => Change(state, name, life => life with
        {
            Image = ImageStage.Unknown,
            Hindrance = Next(life.Hindrance, reason, message, now, LongestRetry),
        }),
        PodEvent.OperationEnded(var name) => Change(state, name, life => life with { Busy = false }),
        PodEvent.ImageAbandoned(var name) => Change(state, name, life => life with { Image = ImageStage.Unknown }),
        PodEvent.RunCreated(var name, var run) => Change(state, name, life => Create(life, run)),
        PodEvent.RunStarted(var name, var id, var pid, var at) => ChangeRun(state, name, id, life => Start(state.Pod, name, life, pid, at)),
        PodEvent.RunEnded(var name, var id, var end) => ChangeRun(state, name, id, life => End(state.Pod, life, end)),
        PodEvent.RunCleaned(var name, var id) =>
            ChangeRun(state, name, id, life => life with { Run = life.Run! with { Cleaned = true } }),
        PodEvent.ProbeChanged(var name, var id, var started, var ready) =>
            ChangeRun(state, name, id, life => life.IsRunning ? life with { Started = started, Ready = ready } : life),
        PodEvent.ProbeFailed(var name, var id, var message) =>
            ChangeRun(state, name, id, life => life.IsRunning ? life with { Unhealthy = message } : life),
        _ => state,
    };

    private static ContainerLife Create(ContainerLife life, ContainerRun run) => life with
    {
        LastEnd = life.Run is { End: { } end } before && before.Id != run.Id ? end : life.LastEnd,
        Run = run,
        Runs = run.Attempt + 1,
        Started = false,
        Ready = false,
        Unhealthy = null,
        KillAt = null,
    };

    private static ContainerLife Start(Pod pod, string name, ContainerLife life, int pid, DateTimeOffset at)
    {
        // The exit may be heard of before the answer to the start.
        if (life.Run!.End is not null)
            return life with { Run = life.Run with { Pid = pid, StartedAt = at } };
        var container = PodSpecs.Find(pod, name);
        var started = container?.StartupProbe is null;
        return life with
        {
            Image = ImageStage.Unknown,
            Hindrance = null,
            Run = life.Run with { Pid = pid, StartedAt = at },
            Started = started,
            Ready = started && container?.ReadinessProbe is null,
        };
    }

    private static ContainerLife End(Pod pod, ContainerLife life, ContainerStateTerminated end)
    {
        if (life.Run!.End is not null)
            return life;
        var ranFor = end.FinishedAt - (life.Run.StartedAt ?? end.FinishedAt) ?? TimeSpan.Zero;
        return life with
        {
            Image = ImageStage.Unknown,
            Hindrance = null,
            Run = life.Run with { End = end, StartedAt = life.Run.StartedAt ?? end.StartedAt },
            RestartDelay = RestartPolicy.Of(pod).NextDelay(life.RestartDelay, ranFor),
            Started = false,
            Ready = false,
            Unhealthy = null,
            KillAt = null,
        };
    }

    // A lost container's exit code is lost too; 137 is what the kernel's SIGKILL would have given it.
    private static PodState LoseSandbox(PodState state, DateTimeOffset now)
    {
        foreach (var (name, life) in state.Containers)
        {
            if (life.Run is not { End: null } run)
                continue;
            var end = new ContainerStateTerminated
            {
                ExitCode = 137,
                Reason = "ContainerStatusUnknown",
                Message = "The container could not be located when the pod's shim was lost.",
                StartedAt = run.StartedAt,
                FinishedAt = now,
                ContainerId = PodSpecs.ContainerId(state.Uid, run.Id),
            };
            state = state.With(name, End(state.Pod, life, end));
        }

        // What init containers prepared may be gone with the network and the volumes in memory: they run again.
        foreach (var init in state.Pod.Spec?.InitContainers ?? [])
        {
            if (state[init.Name] is { HasSucceeded: true } done)
                state = state.With(init.Name, done with { Run = null, LastEnd = done.Run!.End, RestartDelay = null });
        }

        return state with { Sandbox = new SandboxState { Stage = SandboxStage.Lost } };
    }

    private static ContainerLife Removed(ContainerLife life) =>
        life with { KillAt = null, Run = life.Run is { } run ? run with { Cleaned = true } : null };

    private static SandboxState BeginTearDown(SandboxState sandbox) => sandbox with
    {
        Stage = SandboxStage.Removing,
        Busy = true,
        Hindrance = sandbox.Stage == SandboxStage.Removing ? sandbox.Hindrance : null,
    };

    private static SandboxState Hinder(SandboxState sandbox, string reason, string message, DateTimeOffset now) =>
        sandbox with { Busy = false, Hindrance = Next(sandbox.Hindrance, reason, message, now, LongestSandboxRetry) };

    private static Hindrance? KeepUnlessImage(Hindrance? hindrance) => hindrance?.Reason is "CreateContainerConfigError" ? hindrance : null;

    private static Hindrance Next(Hindrance? before, string reason, string message, DateTimeOffset now, TimeSpan longest)
    {
        var failures = (before?.Failures ?? 0) + 1;
        var pause = FirstRetry * Math.Pow(2, Math.Min(failures - 1, 16));
        return new Hindrance(reason, message, now + (pause < longest ? pause : longest), failures);
    }

    private static PodState Change(PodState state, string container, Func<ContainerLife, ContainerLife> change) =>
        state.With(container, change(state[container]));

    // An event of a run that has been replaced meanwhile says nothing about the present one.
    private static PodState ChangeRun(PodState state, string container, string runId, Func<ContainerLife, ContainerLife> change) =>
        state[container] is { Run: { } run } life && run.Id == runId ? state.With(container, change(life)) : state;
}
