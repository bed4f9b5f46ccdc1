using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Platform.V1;
using ControlPlane.Api.Values;

namespace ControlPlane.Controllers.Apps.Pods;

/// <summary>An app's checks as probes of its pods.</summary>
/// <param name="Startup">Before the first success.</param>
/// <param name="Liveness">After it: restarts the instance.</param>
/// <param name="Readiness">Whether the instance takes traffic.</param>
internal sealed record Probes(Probe? Startup, Probe? Liveness, Probe? Readiness)
{
    // Until the first success nothing is lost by asking often, and an instance is known to be healthy as soon as it is.
    private const int StartupPeriod = 1;

    public static Probes Of(AppSpec spec)
    {
        var health = spec.HealthChecks.Count > 0 ? spec.HealthChecks[0] : null;
        var readiness = spec.ReadinessCheck is { } check ? OfReadiness(check, spec) : health is null ? null : Of(health, spec);
        if (health is null || (health.MaxConsecutiveFailures ?? 3) == 0)
            return new Probes(null, null, readiness);
        return new Probes(OfGrace(health, spec), Of(health, spec), readiness);
    }

    private static Probe Of(HealthCheck check, AppSpec spec) => Handler(check.Protocol, check.Path, check.Port, check.Command, spec) with
    {
        InitialDelaySeconds = check.DelaySeconds ?? 0,
        PeriodSeconds = check.IntervalSeconds ?? 60,
        TimeoutSeconds = check.TimeoutSeconds ?? 20,
        FailureThreshold = Math.Max(1, check.MaxConsecutiveFailures ?? 3),
    };

    /// <summary>Failures within the grace period count for nothing until the first success; after it, as many as the check allows restart the instance.</summary>
    private static Probe? OfGrace(HealthCheck check, AppSpec spec)
    {
        var grace = check.GracePeriodSeconds ?? 300;
        if (grace == 0)
            return null;
        return Of(check, spec) with { PeriodSeconds = StartupPeriod, FailureThreshold = (grace / StartupPeriod) + (check.MaxConsecutiveFailures ?? 3) };
    }

    private static Probe OfReadiness(ReadinessCheck check, AppSpec spec) => Handler(check.Protocol, check.Path, check.Port, check.Command, spec) with
    {
        PeriodSeconds = check.IntervalSeconds ?? 30,
        TimeoutSeconds = check.TimeoutSeconds ?? 10,
    };

    private static Probe Handler(string? protocol, string? path, IntOrString? port, string? command, AppSpec spec)
    {
        var target = port ?? new IntOrString(spec.Ports.Count > 0 ? spec.Ports[0].ContainerPort : 0);
        return protocol switch
        {
            "COMMAND" => new Probe { Exec = new ExecAction { Command = ["/bin/sh", "-c", command ?? ""] } },
            "TCP" => new Probe { TcpSocket = new TcpSocketAction { Port = target } },
            _ => new Probe { HttpGet = new HttpGetAction { Path = path ?? "/", Port = target, Scheme = protocol == "HTTPS" ? "HTTPS" : "HTTP" } },
        };
    }
}
