using ControlPlane.Api.Meta;
using ControlPlane.Api.Schema;

namespace ControlPlane.Api.Platform.V1;

/// <summary>
/// Everything about an app but the number of its instances. Changing killSelection, upgradeStrategy, dependencies, labels or the backoff restarts
/// nothing; any other change makes a new revision.
/// </summary>
public abstract record AppTemplate
{
    /// <summary>Image reference, e.g. registry.example/shop/web:1.4 or name@sha256:….</summary>
    [Length(1, 1024)]
    public required string Image { get; init; }

    /// <summary>Always, IfNotPresent or Never. Unset: Always for the tag latest or no tag, else IfNotPresent.</summary>
    [Allowed("Always", "IfNotPresent", "Never")]
    public string? ImagePullPolicy { get; init; }

    /// <summary>Secrets of type kubernetes.io/dockerconfigjson with registry credentials.</summary>
    [ListSet]
    public IReadOnlyList<string> ImagePullSecrets { get; init; } = [];

    /// <summary>Command line, run by /bin/sh -c in place of the image's entrypoint. Not together with args.</summary>
    [Length(1, 65536)]
    public string? Cmd { get; init; }

    /// <summary>Program and arguments, without a shell, in place of the image's entrypoint. Not together with cmd.</summary>
    public IReadOnlyList<string> Args { get; init; } = [];

    /// <summary>User to run as: uid or uid:gid. Unset: as the image says.</summary>
    [Pattern("^[0-9]+(:[0-9]+)?$")]
    public string? User { get; init; }

    /// <summary>CPU cores for each instance: its share when the node is busy, and its limit.</summary>
    [Default("1"), Minimum(0.001), Maximum(4096)]
    public double? Cpus { get; init; }

    /// <summary>Memory for each instance, in MiB. More than that and it is killed, reason OOMKilled.</summary>
    [Default("128"), Minimum(4), Maximum(67108864)]
    public int? Mem { get; init; }

    /// <summary>Ports that the instances listen on.</summary>
    [ListMap("containerPort", "protocol")]
    public IReadOnlyList<AppPort> Ports { get; init; } = [];

    /// <summary>Environment variables.</summary>
    public IReadOnlyDictionary<string, string> Env { get; init; } = Empty.StringMap;

    /// <summary>Secrets given to the instances, each as an environment variable, as files, or both. The key is a name of your choice.</summary>
    public IReadOnlyDictionary<string, ValueSource> Secrets { get; init; } = Empty.Map<ValueSource>();

    /// <summary>ConfigMaps given to the instances, each as an environment variable, as files, or both. The key is a name of your choice.</summary>
    public IReadOnlyDictionary<string, ValueSource> Configs { get; init; } = Empty.Map<ValueSource>();

    /// <summary>Labels put on the instances' pods; running ones get additions and changes at once.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = Empty.StringMap;

    /// <summary>Checks that decide whether an instance is healthy; it is restarted when one keeps failing. At most one.</summary>
    [Items(0, 1)]
    public IReadOnlyList<HealthCheck> HealthChecks { get; init; } = [];

    /// <summary>Decides whether an instance takes traffic. Unset: an instance is ready when it is healthy.</summary>
    public ReadinessCheck? ReadinessCheck { get; init; }

    /// <summary>Where instances may run; all must hold.</summary>
    public IReadOnlyList<PlacementConstraint> Constraints { get; init; } = [];

    /// <summary>How instances are replaced when the app changes.</summary>
    public UpgradeStrategy? UpgradeStrategy { get; init; }

    /// <summary>Seconds before the first restart of an instance that ended.</summary>
    [Default("1"), Minimum(0), Maximum(86400)]
    public double? BackoffSeconds { get; init; }

    /// <summary>Each further restart waits this many times longer.</summary>
    [Default("1.15"), Minimum(1), Maximum(1000)]
    public double? BackoffFactor { get; init; }

    /// <summary>The longest wait before a restart, in seconds.</summary>
    [Default("300"), Minimum(0), Maximum(86400)]
    public double? MaxLaunchDelaySeconds { get; init; }

    /// <summary>Which instances end first when there are too many.</summary>
    [Default("\"YOUNGEST_FIRST\""), Allowed("YOUNGEST_FIRST", "OLDEST_FIRST")]
    public string? KillSelection { get; init; }

    /// <summary>Seconds between SIGTERM and SIGKILL.</summary>
    [Default("5"), Minimum(0), Maximum(86400)]
    public int? TaskKillGracePeriodSeconds { get; init; }

    /// <summary>Apps of the same namespace that must be available, at their newest revision, before this one is started or upgraded.</summary>
    [ListSet, Items(0, 100)]
    public IReadOnlyList<string> Dependencies { get; init; } = [];
}
