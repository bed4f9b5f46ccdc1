using ControlPlane.Api.Schema;
using ControlPlane.Api.Values;

namespace ControlPlane.Api.Platform.V1;

/// <summary>A port that instances listen on.</summary>
public sealed record AppPort
{
    /// <summary>Name, for health checks and VIPs; its environment variable is PORT_NAME.</summary>
    [Pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"), Length(1, 63)]
    public string? Name { get; init; }

    /// <summary>Port inside the instance.</summary>
    [Minimum(1), Maximum(65535)]
    public required int ContainerPort { get; init; }

    /// <summary>Port of the node that leads to the instance; at most one instance per node then. Unset: none.</summary>
    [Minimum(1), Maximum(65535)]
    public int? HostPort { get; init; }

    /// <summary>TCP or UDP.</summary>
    [Default("\"TCP\""), Allowed("TCP", "UDP")]
    public string? Protocol { get; init; }
}

/// <summary>Where a value comes from and how the instance sees it.</summary>
public sealed record ValueSource
{
    /// <summary>Name of the Secret or ConfigMap, in the app's namespace.</summary>
    [Length(1, 253)]
    public required string Source { get; init; }

    /// <summary>One key of it. Needed with env; without it, path gets a file for every key.</summary>
    [Length(1, 253)]
    public string? Key { get; init; }

    /// <summary>Name of the environment variable to set.</summary>
    [Pattern("^[A-Za-z_][A-Za-z0-9_.-]*$")]
    public string? Env { get; init; }

    /// <summary>Absolute path: of the file, when key is set, else of the folder.</summary>
    [Pattern("^/.+")]
    public string? Path { get; init; }
}

/// <summary>A check of an instance's health, made on its node.</summary>
public sealed record HealthCheck
{
    /// <summary>HTTP and HTTPS pass on a status from 200 to 399, TCP when the port accepts, COMMAND when the command exits with 0.</summary>
    [Default("\"HTTP\""), Allowed("HTTP", "HTTPS", "TCP", "COMMAND")]
    public string? Protocol { get; init; }

    /// <summary>Path of the HTTP request.</summary>
    [Default("\"/\"")]
    public string? Path { get; init; }

    /// <summary>Name or number of the port. Unset: the first of the app's ports.</summary>
    public IntOrString? Port { get; init; }

    /// <summary>Command line for COMMAND, run by /bin/sh -c in the instance.</summary>
    [Length(1, 65536)]
    public string? Command { get; init; }

    /// <summary>Failures in the first seconds do not count, until the first success.</summary>
    [Default("300"), Minimum(0), Maximum(86400)]
    public int? GracePeriodSeconds { get; init; }

    /// <summary>Seconds between checks.</summary>
    [Default("60"), Minimum(1), Maximum(86400)]
    public int? IntervalSeconds { get; init; }

    /// <summary>Seconds after which a check without an answer has failed.</summary>
    [Default("20"), Minimum(1), Maximum(86400)]
    public int? TimeoutSeconds { get; init; }

    /// <summary>This many failures in a row restart the instance. 0 = only report.</summary>
    [Default("3"), Minimum(0), Maximum(1000)]
    public int? MaxConsecutiveFailures { get; init; }

    /// <summary>Seconds before the first check.</summary>
    [Default("0"), Minimum(0), Maximum(86400)]
    public int? DelaySeconds { get; init; }
}

/// <summary>A check of whether an instance is ready for traffic, made on its node for as long as it runs.</summary>
public sealed record ReadinessCheck
{
    /// <summary>HTTP, HTTPS, TCP or COMMAND.</summary>
    [Default("\"HTTP\""), Allowed("HTTP", "HTTPS", "TCP", "COMMAND")]
    public string? Protocol { get; init; }

    /// <summary>Path of the HTTP request.</summary>
    [Default("\"/\"")]
    public string? Path { get; init; }

    /// <summary>Name or number of the port. Unset: the first of the app's ports.</summary>
    public IntOrString? Port { get; init; }

    /// <summary>Command line for COMMAND.</summary>
    [Length(1, 65536)]
    public string? Command { get; init; }

    /// <summary>Seconds between checks.</summary>
    [Default("30"), Minimum(1), Maximum(86400)]
    public int? IntervalSeconds { get; init; }

    /// <summary>Seconds after which a check without an answer has failed.</summary>
    [Default("10"), Minimum(1), Maximum(86400)]
    public int? TimeoutSeconds { get; init; }
}

/// <summary>One rule of placement over a property of the node.</summary>
public sealed record PlacementConstraint
{
    /// <summary>@hostname, @region, @zone, or a label of the node.</summary>
    [Length(1, 317)]
    public required string Field { get; init; }

    /// <summary>
    /// UNIQUE: no two instances share the value. CLUSTER: all on value, or all where the first is. GROUP_BY: spread evenly over value many groups, or over all.
    /// MAX_PER: at most value many for each. IS: equal. LIKE, UNLIKE: the whole value matches, or does not match, the regular expression.
    /// </summary>
    [Allowed("UNIQUE", "CLUSTER", "GROUP_BY", "MAX_PER", "IS", "LIKE", "UNLIKE")]
    public required string Operator { get; init; }

    /// <summary>What the operator compares with.</summary>
    public string? Value { get; init; }
}

/// <summary>How many instances may be missing, and how many extra may run, while an app is upgraded.</summary>
public sealed record UpgradeStrategy
{
    /// <summary>At least this fraction of the instances (rounded up) stays healthy.</summary>
    [Default("1"), Minimum(0), Maximum(1)]
    public double? MinimumHealthCapacity { get; init; }

    /// <summary>At most this fraction of the instances (rounded down) may run in addition.</summary>
    [Default("1"), Minimum(0), Maximum(1)]
    public double? MaximumOverCapacity { get; init; }
}
