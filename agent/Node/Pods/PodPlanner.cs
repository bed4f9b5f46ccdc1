using ControlPlane.Api.Core.V1;

namespace ControlPlane.Agent.Pods;

/// <summary>
/// Decides what is next for a pod. A pure function of what is wanted, what is there and the time, so that every rule of a pod's life is
/// in one place and can be tested without a machine.
/// </summary>
internal static class PodPlanner
{
    /// <summary>The end of a pod whose object was removed by force: long enough to be told, too short to be waited for.</summary>
    private static readonly TimeSpan ForcedGrace = TimeSpan.FromSeconds(2);

    /// <summary>Between two SIGKILLs to a container that does not go, e.g. because a disk does not answer.</summary>
    private static readonly TimeSpan KillInterval = TimeSpan.FromSeconds(2);

    private const string DeadlineMessage = "Pod was active on the node longer than the specified deadline";

    public static PodPlan Plan(PodState state, DateTimeOffset now)
    {
        var plan = new Draft(now);
        if (StopDecision(state, now) is { } stop)
            plan.Do(new PodAction.BeginStop(stop));
        else if (state.Stop is { } current)
            PlanEnd(state, current, plan);
        else if (HasEnded(state))
            PlanRest(state, plan);
        else if (state.Sandbox.Stage is SandboxStage.Lost or SandboxStage.Removing)
            PlanTearDown(state, plan);
        else
            PlanLife(state, plan);
        return plan.Finish();
    }

    /// <summary>Whether every container is done and none may run again.</summary>
    public static bool HasEnded(PodState state)
    {
        if (PodSpecs.IsFinal(state.Pod.Status?.Phase))
            return true;
        var policy = state.Pod.RestartPolicyName();
        foreach (var init in state.Pod.Spec?.InitContainers ?? [])
        {
            var run = state[init.Name].Run;
            if (run?.End is not { } end)
                return false;
            if (end.ExitCode != 0)
                return policy == "Never";
        }

        foreach (var container in state.Pod.Spec?.Containers ?? [])
        {
            if (state[container.Name].Run?.End is not { } end || RestartPolicy.ShouldRestart(policy, end.ExitCode))
                return false;
        }

        return true;
    }

    /// <summary>Whether a container that has ended runs again.</summary>
    public static bool WillRestart(PodState state, string container)
    {
        if (state.Stop is not null || state[container].Run?.End is not { } end || HasEnded(state))
            return false;
        var policy = state.Pod.RestartPolicyName();
        return PodSpecs.IsInit(state.Pod, container) ? end.ExitCode != 0 && policy != "Never" : RestartPolicy.ShouldRestart(policy, end.ExitCode);
    }

    private static PodStop? StopDecision(PodState state, DateTimeOffset now)
    {
        if (WantedStop(state, now) is not { } wanted)
            return null;
        if (state.Stop is not { } before)
            return wanted;

        // A later request can only hasten the end: deleting again with a shorter grace, or by force.
        return wanted.Deadline < before.Deadline ? before with { Deadline = wanted.Deadline } : null;
    }

    private static PodStop? WantedStop(PodState state, DateTimeOffset now)
    {
        var pod = state.Pod;
        if (state.ObjectGone)
            return new PodStop { Deadline = now + ForcedGrace };
        if (pod.Metadata.DeletionTimestamp is not null)
        {
            var grace = pod.Metadata.DeletionGracePeriodSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : pod.GracePeriod();
            return new PodStop { Deadline = now + grace };
        }

        if (state.Stop is not null)
            return null;

        // Others may end a pod by its status, for example an eviction while this node was out of reach.
        if (PodSpecs.IsFinal(pod.Status?.Phase) && state.Containers.Values.Any(c => c.Run is { End: null }))
            return new PodStop { Deadline = now + pod.GracePeriod(), Reason = pod.Status?.Reason, Message = pod.Status?.Message };
        return pod.Spec?.ActiveDeadlineSeconds is { } active && now - state.StartTime >= TimeSpan.FromSeconds(active) && !HasEnded(state)
            ? new PodStop { Deadline = now + pod.GracePeriod(), Reason = "DeadlineExceeded", Message = DeadlineMessage }
            : null;
    }

    private static void PlanEnd(PodState state, PodStop stop, Draft plan)
    {
        var busy = false;
        foreach (var (name, life) in state.Containers)
        {
            if (life.IsRunning)
            {
                PlanContainerEnd(name, life, stop.Deadline, stop.Reason ?? "Stopping container " + name, plan);
                busy = true;
            }
            else if (life.Busy || life.Image == ImageStage.Preparing)
            {
                plan.Do(new PodAction.CancelPreparations());
                busy = true;
            }
        }

        if (state.Sandbox is { Stage: SandboxStage.Creating, Busy: true })
        {
            plan.Do(new PodAction.CancelPreparations());
            busy = true;
        }

        if (!busy)
            PlanRest(state, plan);
    }

    private static void PlanContainerEnd(string name, ContainerLife life, DateTimeOffset deadline, string why, Draft plan)
    {
        if (life.KillAt is not { } killAt)
        {
            plan.Do(new PodAction.StopContainer(name, deadline, why));
            plan.LookAt(deadline);
            return;
        }

        var due = killAt < deadline ? killAt : deadline;
        if (plan.Now < due)
        {
            plan.LookAt(due);
            return;
        }

        plan.Do(new PodAction.KillContainer(name));
        plan.LookAt(plan.Now + KillInterval);
    }

    // Nothing runs and nothing will: free what the containers shared, then, if the object is to go, the rest.
    private static void PlanRest(PodState state, Draft plan)
    {
        if (state.Sandbox.Stage != SandboxStage.Absent || state.Containers.Values.Any(c => c.Run is { Cleaned: false }))
            PlanTearDown(state, plan);
        else if ((state.ObjectGone || state.Pod.Metadata.DeletionTimestamp is not null) && !state.Removing && plan.IsDue(state.Sandbox.Hindrance))
            plan.Do(new PodAction.RemovePod());
    }

    private static void PlanTearDown(PodState state, Draft plan)
    {
        if (state.Sandbox.Busy || state.Containers.Values.Any(c => c.Busy))
            return;
        if (state.Sandbox.Stage != SandboxStage.Removing || plan.IsDue(state.Sandbox.Hindrance))
            plan.Do(new PodAction.TearDownSandbox());
    }

    private static void PlanLife(PodState state, Draft plan)
    {
        if (state.Pod.Spec?.ActiveDeadlineSeconds is { } active)
            plan.LookAt(state.StartTime + TimeSpan.FromSeconds(active));
        if (state.Sandbox is { Stage: SandboxStage.Absent or SandboxStage.Creating, Busy: false } && plan.IsDue(state.Sandbox.Hindrance))
            plan.Do(new PodAction.SetUpSandbox());

        foreach (var init in state.Pod.Spec?.InitContainers ?? [])
        {
            if (state[init.Name].HasSucceeded)
            {
                PlanCleaning(state, init.Name, plan);
                continue;
            }

            PlanContainer(state, init, plan);
            return;
        }

        foreach (var container in state.Pod.Spec?.Containers ?? [])
            PlanContainer(state, container, plan);
    }

    private static void PlanContainer(PodState state, Container container, Draft plan)
    {
        var life = state[container.Name];
        switch (life.Run)
        {
            case { End: null, StartedAt: not null }:
                if (life.Unhealthy is { } why)
                    PlanContainerEnd(container.Name, life, life.KillAt ?? plan.Now + state.Pod.GracePeriod(), why, plan);
                break;
            case { End: not null } run:
                PlanCleaning(state, container.Name, plan);
                if (WillRestart(state, container.Name) && run.Cleaned && plan.IsDue(RestartAt(life, plan.Now)))
                    PlanStart(state, container.Name, life.Runs, plan);
                break;
            case { } run:
                // Created, but whether it was started is unknown: the start is idempotent under the same id.
                PlanStart(state, container.Name, run.Attempt, plan);
                break;
            default:
                PlanStart(state, container.Name, life.Runs, plan);
                break;
        }
    }

    private static void PlanCleaning(PodState state, string container, Draft plan)
    {
        if (state[container] is { Busy: false, Run: { End: not null, Cleaned: false } } && state.Sandbox.Stage == SandboxStage.Ready)
            plan.Do(new PodAction.CleanRun(container));
    }

    private static void PlanStart(PodState state, string container, int attempt, Draft plan)
    {
        var life = state[container];
        if (life.Busy || !plan.IsDue(life.Hindrance))
            return;
        if (life.Image == ImageStage.Unknown)
            plan.Do(new PodAction.EnsureImage(container));
        else if (life.Image == ImageStage.Ready && state.Sandbox.Stage == SandboxStage.Ready)
            plan.Do(new PodAction.StartContainer(container, attempt));
    }

    // An end in the future means that the clock was set back since: do not wait for it to pass again.
    private static DateTimeOffset RestartAt(ContainerLife life, DateTimeOffset now) =>
        life.Run?.End?.FinishedAt is { } end && end <= now && life.RestartDelay is { } delay ? end + delay : now;

    /// <summary>A plan in the making.</summary>
    private sealed class Draft(DateTimeOffset now)
    {
        private readonly List<PodAction> _actions = [];
        private DateTimeOffset? _nextLook;

        public DateTimeOffset Now => now;

        public void Do(PodAction action)
        {
            if (!_actions.Contains(action))
                _actions.Add(action);
        }

        public void LookAt(DateTimeOffset time)
        {
            if (_nextLook is not { } before || time < before)
                _nextLook = time;
        }

        public bool IsDue(Hindrance? hindrance) => hindrance is null || IsDue(hindrance.RetryAt);

        public bool IsDue(DateTimeOffset time)
        {
            if (time <= now)
                return true;
            LookAt(time);
            return false;
        }

        public PodPlan Finish() => new(_actions, _nextLook);
    }
}
