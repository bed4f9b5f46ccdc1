namespace ControlPlane.Agent.Pods;

/// <summary>One thing to do next. Every action is idempotent: done twice, or cut short and repeated, it leads to the same end.</summary>
internal abstract record PodAction
{
    private PodAction()
    {
    }

    internal sealed record SetUpSandbox : PodAction;

    /// <summary>Removes every run and everything the containers shared; logs stay.</summary>
    internal sealed record TearDownSandbox : PodAction;

    internal sealed record EnsureImage(string Container) : PodAction;

    internal sealed record StartContainer(string Container, int Attempt) : PodAction;

    /// <summary>Asks a container to end.</summary>
    internal sealed record StopContainer(string Container, DateTimeOffset KillAt, string Why) : PodAction;

    /// <summary>Ends every process of a container.</summary>
    internal sealed record KillContainer(string Container) : PodAction;

    /// <summary>Removes mounts and files of an ended run.</summary>
    internal sealed record CleanRun(string Container) : PodAction;

    /// <summary>Gives up preparations that are no longer wanted.</summary>
    internal sealed record CancelPreparations : PodAction;

    /// <summary>Decides that the pod ends.</summary>
    internal sealed record BeginStop(PodStop Stop) : PodAction;

    /// <summary>Removes the pod's directory and tells the API that nothing is left.</summary>
    internal sealed record RemovePod : PodAction;
}
