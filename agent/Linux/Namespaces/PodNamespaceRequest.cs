namespace ControlPlane.Agent.Linux;

/// <summary>Which namespaces a pod gets of its own; those it does not are the host's.</summary>
public sealed record PodNamespaceRequest
{
    /// <summary>Its own network, with the loopback device up.</summary>
    public bool Network { get; init; } = true;

    /// <summary>Its own System V and POSIX message queues, semaphores and shared memory.</summary>
    public bool Ipc { get; init; } = true;

    /// <summary>Its own host name; null shares the host's.</summary>
    public string? Hostname { get; init; }
}
