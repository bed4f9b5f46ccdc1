using System.Globalization;
using ControlPlane.Api.Core.V1;

namespace ControlPlane.Agent.Pods;

/// <summary>The status that users and controllers read, computed from the agent's state of a pod. Pure.</summary>
internal static class PodStatusBuilder
{
    private const string ContainersReady = "ContainersReady";
    private const string Initialized = "Initialized";
    private const string Ready = "Ready";

    /// <param name="state">The pod.</param>
    /// <param name="before">The last status, for what others wrote and for transition times.</param>
    /// <param name="hostIp">The node's address.</param>
    /// <param name="now">The time.</param>
    public static PodStatus Build(PodState state, PodStatus? before, string hostIp, DateTimeOffset now)
    {
        // A pod that ended before this agent's state begins: what was said of it stays said.
        if (PodSpecs.IsFinal(before?.Phase) && state.Containers.Count == 0)
            return before!;
        var spec = state.Pod.Spec ?? new PodSpec();
        var phase = Phase(state, before?.Phase);
        var podIp = state.Sandbox.PodIp ?? (PodSpecs.IsFinal(phase) ? before?.PodIp : null);
        var status = new PodStatus
        {
            Phase = phase,
            Reason = state.Stop?.Reason ?? (PodSpecs.IsFinal(before?.Phase) ? before?.Reason : null),
            Message = state.Stop?.Message ?? (PodSpecs.IsFinal(before?.Phase) ? before?.Message : null),
            HostIp = hostIp,
            HostIps = [new IpAddress { Ip = hostIp }],
            PodIp = podIp,
            PodIps = podIp is null ? [] : [new IpAddress { Ip = podIp }],
            StartTime = state.StartTime,
            NominatedNodeName = before?.NominatedNodeName,
            QosClass = PodQos.Of(spec),
            InitContainerStatuses = [.. spec.InitContainers.Select(c => Status(state, c, phase, now))],
            ContainerStatuses = [.. spec.Containers.Select(c => Status(state, c, phase, now))],
        };
        return status with { Conditions = Conditions(state, status, before, now) };
    }

    private static string Phase(PodState state, string? before)
    {
        if (PodSpecs.IsFinal(before))
            return before!;
        var spec = state.Pod.Spec ?? new PodSpec();
        var lives = spec.Containers.Select(c => state[c.Name]).ToList();
        if (state.Stop is { Reason: not null } && lives.All(l => !l.IsRunning))
            return "Failed";
        if (PodPlanner.HasEnded(state))
            return lives.All(l => l.HasSucceeded) ? "Succeeded" : "Failed";
        if (!IsInitialized(state, spec))
            return "Pending";
        return lives.All(l => l.Run is { StartedAt: not null } or { End: not null } || l.LastEnd is not null) ? "Running" : "Pending";
    }

    private static bool IsInitialized(PodState state, PodSpec spec) => spec.InitContainers.All(c => state[c.Name].HasSucceeded);

    private static ContainerStatus Status(PodState state, Container container, string phase, DateTimeOffset now)
    {
        var life = state[container.Name];
        var isInit = PodSpecs.IsInit(state.Pod, container.Name);
        var current = Current(state, container, life, phase, now);
        var ready = isInit ? life.HasSucceeded : life is { IsRunning: true, Ready: true } && state.Stop is null;
        return new ContainerStatus
        {
            Name = container.Name,
            State = current,
            LastState = LastState(life, current),
            Ready = ready,
            RestartCount = life.Run?.Attempt ?? life.Runs,
            Image = life.Run?.Image ?? container.Image,
            ImageId = life.Run?.ImageId ?? "",
            ContainerId = life.Run is { } run ? PodSpecs.ContainerId(state.Uid, run.Id) : null,
            Started = isInit ? life.IsRunning : life is { IsRunning: true, Started: true },
        };
    }

    private static ContainerState Current(PodState state, Container container, ContainerLife life, string phase, DateTimeOffset now)
    {
        if (life.IsRunning)
            return new ContainerState { Running = new ContainerStateRunning { StartedAt = life.Run!.StartedAt } };
        if (life.Hindrance is { } hindrance)
            return Waiting(WaitingReason(hindrance), WaitingMessage(container, hindrance));
        if (life.Run is { End: { } end })
            return RestartDelay(state, container, life, phase, now) ?? new ContainerState { Terminated = end };
        if (state.Sandbox.Hindrance is { } sandbox && state.Stop is null)
            return Waiting(sandbox.Reason == "CreateContainerConfigError" ? sandbox.Reason : "ContainerCreating", sandbox.Message);
        return !PodSpecs.IsInit(state.Pod, container.Name) && !IsInitialized(state, state.Pod.Spec!)
            ? Waiting("PodInitializing", null)
            : Waiting("ContainerCreating", null);
    }

    // A container that will be restarted is waiting, with its end in lastState; one that is done is terminated.
    private static ContainerState? RestartDelay(PodState state, Container container, ContainerLife life, string phase, DateTimeOffset now)
    {
        if (PodSpecs.IsFinal(phase) || !PodPlanner.WillRestart(state, container.Name) || life.RestartDelay is not { } delay || delay <= TimeSpan.Zero)
            return null;
        if (now >= life.Run!.End!.FinishedAt + delay)
            return null;
        var meta = state.Pod.Metadata;
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"back-off {Duration(delay)} restarting failed container={container.Name} pod={meta.Name}_{meta.Namespace}({meta.Uid})");
        return Waiting("CrashLoopBackOff", text);
    }

    // As Go prints durations: 10s, 1m20s, 5m0s.
    private static string Duration(TimeSpan delay)
    {
        var seconds = delay.TotalSeconds % 60;
        var text = seconds.ToString("0.###", CultureInfo.InvariantCulture) + "s";
        return delay < TimeSpan.FromMinutes(1) ? text : (int)delay.TotalMinutes + "m" + text;
    }

    private static ContainerState? LastState(ContainerLife life, ContainerState current)
    {
        var end = current.Terminated is null && life.Run?.End is { } last ? last : life.LastEnd;
        return end is null ? null : new ContainerState { Terminated = end };
    }

    private static string WaitingReason(Hindrance hindrance) => IsPullBackOff(hindrance) ? "ImagePullBackOff" : hindrance.Reason;

    // The first failure shows its own reason; from the second on the user sees that it is being retried.
    private static bool IsPullBackOff(Hindrance hindrance) => hindrance is { Reason: "ErrImagePull" or "RegistryUnavailable", Failures: > 1 };

    private static string WaitingMessage(Container container, Hindrance hindrance) =>
        IsPullBackOff(hindrance)
            ? $"Back-off pulling image \"{container.Image}\": {hindrance.Message}"
            : hindrance.Message;

    private static ContainerState Waiting(string reason, string? message) =>
        new() { Waiting = new ContainerStateWaiting { Reason = reason, Message = message } };

    private static List<PodCondition> Conditions(PodState state, PodStatus status, PodStatus? before, DateTimeOffset now)
    {
        // Others' conditions (PodScheduled and readiness gates) are kept as they are.
        var conditions = (before?.Conditions ?? []).Where(c => c.Type is not (Initialized or ContainersReady or Ready)).ToList();
        foreach (var made in Own(state, status))
        {
            var old = before?.Conditions.FirstOrDefault(c => c.Type == made.Type);
            conditions.Add(made with { LastTransitionTime = old?.Status == made.Status ? old.LastTransitionTime : now });
        }

        return conditions;
    }

    private static IEnumerable<PodCondition> Own(PodState state, PodStatus status)
    {
        var uninitialized = Names(status.InitContainerStatuses);
        yield return uninitialized.Length == 0
            ? status.Phase == "Succeeded" ? True(Initialized, "PodCompleted") : True(Initialized)
            : False(Initialized, "ContainersNotInitialized", $"containers with incomplete status: [{uninitialized}]");

        var unready = Names(status.ContainerStatuses);
        var ready = (status.Phase, state.Stop, unready.Length) switch
        {
            ("Succeeded", _, _) => False("", "PodCompleted", null),
            ("Failed", _, _) => False("", "PodFailed", null),
            (_, not null, _) => False("", "ContainersNotReady", "the pod is ending"),
            (_, _, > 0) => False("", "ContainersNotReady", $"containers with unready status: [{unready}]"),
            _ => True(""),
        };
        yield return ready with { Type = ContainersReady };
        yield return ready with { Type = Ready };
    }

    private static string Names(IReadOnlyList<ContainerStatus> statuses) =>
        string.Join(' ', statuses.Where(s => !s.Ready).Select(s => s.Name));

    private static PodCondition True(string type, string? reason = null) => new() { Type = type, Status = "True", Reason = reason };

    private static PodCondition False(string type, string reason, string? message) =>
        new() { Type = type, Status = "False", Reason = reason, Message = message };
}
