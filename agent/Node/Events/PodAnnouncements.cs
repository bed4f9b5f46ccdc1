using ControlPlane.Agent.Pods;

namespace ControlPlane.Agent.Events;

/// <summary>Which happenings of a pod users hear of, in the words that Kubernetes' tools know.</summary>
internal static class PodAnnouncements
{
    /// <summary>Called before the event changes the state.</summary>
    public static void Announce(this EventRecorder events, PodState state, PodEvent happened)
    {
        var pod = state.Pod;
        switch (happened)
        {
            case PodEvent.RunStarted(var name, _, _, _):
                events.Normal(pod, name, "Created", $"Created container: {name}");
                events.Normal(pod, name, "Started", $"Started container {name}");
                break;
            case PodEvent.RunEnded(var name, var id, { Reason: "StartError" } end) when state[name].Run?.Id == id:
                events.Warning(pod, name, "Failed", $"Error: {end.Message}");
                break;
            case PodEvent.RunEnded(var name, var id, { Reason: "OOMKilled" }) when state[name].Run?.Id == id:
                events.Warning(pod, name, "OOMKilled", $"Container {name} was killed because it used more memory than its limit");
                break;
            case PodEvent.RunEnded(var name, var id, { ExitCode: not 0 }) when IsRepeatedFailure(state, name, id):
                var meta = pod.Metadata;
                events.Warning(pod, name, "BackOff", $"Back-off restarting failed container {name} in pod {meta.Name}_{meta.Namespace}({meta.Uid})");
                break;
            case PodEvent.StartHindered(var name, var reason, var message):
                events.Warning(pod, name, "Failed", reason is "CreateContainerConfigError" ? $"Error: {message}" : $"Failed to pull image \"{PodSpecs.Find(pod, name)?.Image}\": {message}");
                break;
            case PodEvent.SandboxFailed(var reason, var message):
                events.Warning(pod, null, reason is "CreateContainerConfigError" ? "FailedMount" : "FailedCreatePodSandBox", message);
                break;
            case PodEvent.SandboxLost:
                events.Warning(pod, null, "SandboxChanged", "Pod sandbox changed, it will be killed and re-created.");
                break;
            case PodEvent.SandboxRemovalFailed(var message):
                events.Warning(pod, null, "FailedKillPod", message);
                break;
        }
    }

    /// <summary>Called when a container is told to end.</summary>
    public static void AnnounceStop(this EventRecorder events, PodState state, PodAction.StopContainer stop) =>
        events.Normal(state.Pod, stop.Container, "Killing", stop.Why);

    // The first end of a container is followed by an immediate restart, which is no back-off.
    private static bool IsRepeatedFailure(PodState state, string container, string runId) =>
        state.Stop is null && state[container] is { RestartDelay: not null, Run: { } run } && run.Id == runId;
}
