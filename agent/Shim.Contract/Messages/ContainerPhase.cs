namespace ControlPlane.Agent.Shim.Contract;

/// <summary>Where a container is in its life, as its shim sees it.</summary>
public enum ContainerPhase : byte
{
    /// <summary>The runtime is starting it.</summary>
    Starting = 0,

    /// <summary>Its first process runs.</summary>
    Running = 1,

    /// <summary>Its first process has ended; the exit record is written.</summary>
    Exited = 2,

    /// <summary>The runtime is removing it.</summary>
    Deleting = 3,
}
