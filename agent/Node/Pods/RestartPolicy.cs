using System.Globalization;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Platform.V1;

namespace ControlPlane.Agent.Pods;

/// <summary>Whether and how soon an ended container runs again.</summary>
internal sealed record RestartPolicy
{
    /// <summary>A run this long is a success: the back-off starts over.</summary>
    public static readonly TimeSpan ResetAfter = TimeSpan.FromMinutes(10);

    private static readonly RestartPolicy Default = new()
    {
        // As Kubernetes has it: the first restart is immediate.
        First = TimeSpan.Zero,
        Second = TimeSpan.FromSeconds(10),
        Factor = 2,
        Longest = TimeSpan.FromSeconds(300),
    };

    private RestartPolicy()
    {
    }

    private TimeSpan First { get; init; }

    private TimeSpan Second { get; init; }

    private double Factor { get; init; }

    private TimeSpan Longest { get; init; }

    /// <summary>The pod's rule: its back-off annotation, or the default.</summary>
    public static RestartPolicy Of(Pod pod) =>
        pod.Metadata.Annotations.TryGetValue(WellKnownAnnotations.Backoff, out var text) && Parse(text) is { } policy ? policy : Default;

    /// <summary>The pause after an end, given the pause before the run that ended and how long that run was.</summary>
    public TimeSpan NextDelay(TimeSpan? previous, TimeSpan ranFor)
    {
        if (previous is not { } delay || ranFor >= ResetAfter)
            return First;
        var next = delay < Second ? Second : TimeSpan.FromSeconds(Math.Min(delay.TotalSeconds * Factor, Longest.TotalSeconds));
        return next < Longest ? next : Longest;
    }

    /// <summary>Whether a container that ended with this code runs again.</summary>
    public static bool ShouldRestart(string? restartPolicy, int exitCode) => restartPolicy switch
    {
        "Never" => false,
        "OnFailure" => exitCode != 0,
        _ => true,
    };

    private static RestartPolicy? Parse(string text)
    {
        var parts = text.Split(',');
        return parts.Length == 3 && Seconds(parts[0]) is { } first && Number(parts[1]) is { } factor and >= 1 && Seconds(parts[2]) is { } longest
            ? new RestartPolicy { First = first, Second = TimeSpan.Zero, Factor = factor, Longest = longest > first ? longest : first }
            : null;
    }

    private static TimeSpan? Seconds(string text) => Number(text) is { } seconds and >= 0 and <= 86400 ? TimeSpan.FromSeconds(seconds) : null;

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;
}
