using System.Text.Json.Serialization;
using ControlPlane.Api.Core.V1;

namespace ControlPlane.Agent.Pods;

/// <summary>
/// Everything the agent knows about one pod. The same record is the content of the pod's state.json; what is marked with
/// <see cref="JsonIgnoreAttribute"/> describes work in flight and is worthless after a restart of the agent.
/// </summary>
internal sealed record PodState
{
    /// <summary>The newest desired object, so that a pod keeps its rules while the API server is away.</summary>
    public required Pod Pod { get; init; }

    /// <summary>The object is gone from the API: nothing of the pod may stay.</summary>
    public bool ObjectGone { get; init; }

    /// <summary>The boot in which the sandbox was made; after another boot nothing of it exists.</summary>
    public required string BootId { get; init; }

    /// <summary>When the agent took the pod on.</summary>
    public required DateTimeOffset StartTime { get; init; }

    public SandboxState Sandbox { get; init; } = new();

    /// <summary>Why and until when the pod is being ended; null while it should run.</summary>
    public PodStop? Stop { get; init; }

    /// <summary>By container name, init containers included.</summary>
    public IReadOnlyDictionary<string, ContainerLife> Containers { get; init; } = new Dictionary<string, ContainerLife>();

    /// <summary>The object's finalization: its directory is being removed and its object deleted.</summary>
    [JsonIgnore]
    public bool Removing { get; init; }

    [JsonIgnore]
    public string Uid => Pod.Metadata.Uid ?? "";

    public ContainerLife this[string container] => Containers.TryGetValue(container, out var life) ? life : ContainerLife.New;

    public PodState With(string container, ContainerLife life) =>
        this with { Containers = new Dictionary<string, ContainerLife>(Containers) { [container] = life } };

    public static PodState Of(Pod pod, string bootId, DateTimeOffset now) => new() { Pod = pod, BootId = bootId, StartTime = now };
}
