namespace ControlPlane.Agent.Hooks;

/// <summary>
/// One step of making what a pod's containers share. Applying and undoing are idempotent and each must cope with a world that a kill at
/// any instruction has left: whatever the hook may have made is found by names derived from the pod alone.
/// </summary>
internal interface IPodHook
{
    /// <summary>For logs and messages.</summary>
    string Name { get; }

    /// <summary>Makes it so. What another hook needs to know goes into the sandbox.</summary>
    /// <exception cref="Configuration.ContainerConfigException">An object that the pod refers to is missing.</exception>
    Task ApplyAsync(PodSandbox sandbox, CancellationToken cancellation);

    /// <summary>Leaves nothing behind, whether or not anything was made.</summary>
    Task UndoAsync(PodSandbox sandbox, CancellationToken cancellation);
}
