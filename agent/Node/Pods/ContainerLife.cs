using System.Text.Json.Serialization;
using ControlPlane.Api.Core.V1;

namespace ControlPlane.Agent.Pods;

/// <summary>One container of a pod through all its runs.</summary>
internal sealed record ContainerLife
{
    public static ContainerLife New { get; } = new();

    /// <summary>The current run, or the last one.</summary>
    public ContainerRun? Run { get; init; }

    /// <summary>Runs there have been: the next one's attempt number.</summary>
    public int Runs { get; init; }

    /// <summary>How the run before <see cref="Run"/> ended.</summary>
    public ContainerStateTerminated? LastEnd { get; init; }

    /// <summary>The pause that follows the last end; null = no end since the back-off was reset.</summary>
    public TimeSpan? RestartDelay { get; init; }

    /// <summary>The startup probe has succeeded, or there is none.</summary>
    public bool Started { get; init; }

    /// <summary>The readiness probe's last verdict, or true when there is none.</summary>
    public bool Ready { get; init; }

    [JsonIgnore]
    public ImageStage Image { get; init; }

    /// <summary>A start or clean-up of the container is in flight.</summary>
    [JsonIgnore]
    public bool Busy { get; init; }

    /// <summary>Why it does not start.</summary>
    [JsonIgnore]
    public Hindrance? Hindrance { get; init; }

    /// <summary>Why it must be stopped although the pod goes on, e.g. a failed liveness probe.</summary>
    [JsonIgnore]
    public string? Unhealthy { get; init; }

    /// <summary>It was told to end; when it is killed if it has not.</summary>
    [JsonIgnore]
    public DateTimeOffset? KillAt { get; init; }

    [JsonIgnore]
    public bool IsRunning => Run is { StartedAt: not null, End: null };

    [JsonIgnore]
    public bool HasSucceeded => Run is { End.ExitCode: 0 };
}

/// <summary>One run of a container.</summary>
internal sealed record ContainerRun
{
    /// <summary>Unique in the pod: the container's name and the attempt.</summary>
    public required string Id { get; init; }

    /// <summary>How many runs came before; Kubernetes' restart count.</summary>
    public required int Attempt { get; init; }

    public required string Image { get; init; }

    public required string ImageId { get; init; }

    /// <summary>What asks it to end; the image may choose another than SIGTERM.</summary>
    public int StopSignal { get; init; } = Linux.Signal.Terminate;

    /// <summary>Host number of its first process.</summary>
    public int Pid { get; init; }

    /// <summary>Null until the shim has confirmed that it runs.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>How it ended, or null.</summary>
    public ContainerStateTerminated? End { get; init; }

    /// <summary>Its mounts and files are gone; only its log is left.</summary>
    public bool Cleaned { get; init; }

    public static string IdOf(string container, int attempt) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{container}-{attempt}");
}

/// <summary>Whether the image for the next run is at hand.</summary>
internal enum ImageStage
{
    Unknown,
    Preparing,
    Ready,
}
