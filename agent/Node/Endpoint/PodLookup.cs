using ControlPlane.Agent.Pods;

namespace ControlPlane.Agent.Endpoint;

/// <summary>A request that cannot be served as it is; the API server passes text and code on to the user.</summary>
internal sealed class EndpointException(int code, string message) : Exception(message)
{
    public int Code => code;
}

/// <summary>Finds what a request names.</summary>
internal static class PodLookup
{
    /// <exception cref="EndpointException">There is no such pod or container here.</exception>
    public static PodWorker Require(PodManager pods, string @namespace, string pod, string? container = null)
    {
        var worker = pods.Find(@namespace, pod)
            ?? throw new EndpointException(StatusCodes.Status404NotFound, $"pod \"{@namespace}/{pod}\" is not on this node");
        if (container is not null && PodSpecs.Find(worker.State.Pod, container) is null)
            throw new EndpointException(StatusCodes.Status400BadRequest, $"container {container} is not valid for pod {pod}");
        return worker;
    }

    /// <summary>The container's present run.</summary>
    /// <exception cref="EndpointException">It does not run.</exception>
    public static ContainerRun RequireRunning(PodWorker worker, string container)
    {
        var life = worker.State[container];
        return life.IsRunning ? life.Run! : throw new EndpointException(
            StatusCodes.Status400BadRequest, $"container \"{container}\" in pod \"{worker.State.Pod.Metadata.Name}\" is not running");
    }

    /// <summary>Why the container has not started, in one word.</summary>
    public static string WaitingReason(PodWorker worker, string container) =>
        worker.State[container].Hindrance?.Reason ?? (worker.State.Sandbox.Stage == SandboxStage.Ready ? "PodInitializing" : "ContainerCreating");
}
