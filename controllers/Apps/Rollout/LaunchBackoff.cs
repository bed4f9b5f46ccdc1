using System.Globalization;
using ControlPlane.Api.Platform.V1;

namespace ControlPlane.Controllers.Apps.Rollout;

/// <summary>How long to wait before an instance that ended is started again: longer with each failure in a row.</summary>
/// <param name="First">Seconds after the first failure.</param>
/// <param name="Factor">Each further delay is this many times longer.</param>
/// <param name="Longest">No delay exceeds it, in seconds. An instance that ran this long has recovered: the count starts again.</param>
internal readonly record struct LaunchBackoff(double First, double Factor, double Longest)
{
    public static LaunchBackoff Of(AppSpec spec) =>
        new(spec.BackoffSeconds ?? 1, spec.BackoffFactor ?? 1.15, spec.MaxLaunchDelaySeconds ?? 300);

    /// <summary>The delay after the n-th failure in a row, n from 1.</summary>
    public TimeSpan Delay(int failures) =>
        TimeSpan.FromSeconds(Math.Min(Longest, First * Math.Pow(Factor, Math.Max(0, failures - 1))));

    /// <summary>How many failures in a row a dead instance stands for, itself included.</summary>
    public int Failures(Instance dead) =>
        dead.Lifetime.TotalSeconds >= Longest ? 1 : dead.FailuresBefore + 1;

    /// <summary>When a dead instance's place may be filled again.</summary>
    public DateTimeOffset Due(Instance dead) => dead.DiedAt + Delay(Failures(dead));

    /// <summary>As the node agent reads it from a pod's annotation.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{First},{Factor},{Longest}");
}
