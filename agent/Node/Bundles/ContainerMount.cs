namespace ControlPlane.Agent.Bundles;

/// <summary>One mount of a container.</summary>
internal sealed record ContainerMount
{
    /// <summary>Where it appears in the container, absolute.</summary>
    public required string Destination { get; init; }

    /// <summary>What appears: a path of the host for a bind, otherwise the file system's source.</summary>
    public required string Source { get; init; }

    /// <summary>The file system's type; <c>bind</c> for a part of the host's.</summary>
    public string Type { get; init; } = "bind";

    /// <summary>Whether it is read-only, everything mounted below it included.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Further options, as mount(8) writes them.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary><c>rprivate</c>, <c>rslave</c> or <c>rshared</c>.</summary>
    public string Propagation { get; init; } = "rprivate";
}
