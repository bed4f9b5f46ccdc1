using ControlPlane.Api.Core.V1;

namespace ControlPlane.Agent.Pods;

/// <summary>Something that happened to a pod. Workers turn them into a new <see cref="PodState"/> one after the other.</summary>
internal abstract record PodEvent
{
    private PodEvent()
    {
    }

    /// <summary>The API has a newer object.</summary>
    internal sealed record DesiredChanged(Pod Pod) : PodEvent;

    /// <summary>The API has no such object any more.</summary>
    internal sealed record ObjectVanished : PodEvent;

    /// <summary>The worker is to look at what it was given, outside of the mailbox.</summary>
    internal sealed record Nudged : PodEvent;

    internal sealed record SandboxReady(string PodIp) : PodEvent;

    internal sealed record SandboxFailed(string Reason, string Message) : PodEvent;

    /// <summary>The shim is gone, and with it every container.</summary>
    internal sealed record SandboxLost : PodEvent;

    internal sealed record SandboxRemoved : PodEvent;

    /// <summary>Removal failed; it is tried again.</summary>
    internal sealed record SandboxRemovalFailed(string Message) : PodEvent;

    internal sealed record ImageReady(string Container) : PodEvent;

    /// <summary>The container cannot be started for a reason outside of it: image or configuration.</summary>
    internal sealed record StartHindered(string Container, string Reason, string Message) : PodEvent;

    /// <summary>The run exists on disk from here on; its start may or may not have happened.</summary>
    internal sealed record RunCreated(string Container, ContainerRun Run) : PodEvent;

    internal sealed record RunStarted(string Container, string RunId, int Pid, DateTimeOffset At) : PodEvent;

    internal sealed record RunEnded(string Container, string RunId, ContainerStateTerminated End) : PodEvent;

    internal sealed record RunCleaned(string Container, string RunId) : PodEvent;

    /// <summary>Whatever was done to the container is over; its result came before.</summary>
    internal sealed record OperationEnded(string Container) : PodEvent;

    /// <summary>The image is no longer being waited for.</summary>
    internal sealed record ImageAbandoned(string Container) : PodEvent;

    /// <summary>A startup or readiness probe has a new verdict.</summary>
    internal sealed record ProbeChanged(string Container, string RunId, bool Started, bool Ready) : PodEvent;

    /// <summary>A liveness or startup probe has failed for good.</summary>
    internal sealed record ProbeFailed(string Container, string RunId, string Message) : PodEvent;

    /// <summary>The pod's directory and its object are gone.</summary>
    internal sealed record PodRemoved : PodEvent;

    /// <summary>The directory or the object could not be removed; it is tried again.</summary>
    internal sealed record PodRemovalFailed(string Message) : PodEvent;
}
