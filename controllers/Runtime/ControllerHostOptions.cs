using ControlPlane.Api.Client;
using ControlPlane.Controllers.Leadership;

namespace ControlPlane.Controllers;

/// <summary>How a process runs its controllers.</summary>
public sealed record ControllerHostOptions
{
    /// <summary>Where the API is; unset = <see cref="ClientConfig.Find"/>.</summary>
    public ClientConfig? Client { get; init; }

    /// <summary>Which controllers: names, <c>*</c> for all, <c>-name</c> for all but.</summary>
    public IReadOnlyList<string> Controllers { get; init; } = ["*"];

    /// <summary>Whether a controller acts only while this process holds its lease.</summary>
    public bool LeaderElect { get; init; } = true;

    /// <summary>Times of the leases.</summary>
    public LeaseOptions Leases { get; init; } = new();

    /// <summary>Loopback address and port for /healthz, /readyz and /metrics, e.g. 127.0.0.1:10257; unset = none.</summary>
    public string? Listen { get; init; }

    /// <summary>Name of this process in leases and events.</summary>
    public string Identity { get; init; } = $"{Environment.MachineName}_{Environment.ProcessId}_{Guid.NewGuid():N}"[..^24];

    /// <summary>Values of the settings that controllers declare by <see cref="ControllerHostBuilder.Setting{T}"/>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Print what can be set and exit.</summary>
    public bool Help { get; init; }
}
