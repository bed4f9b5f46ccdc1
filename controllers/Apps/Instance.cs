using System.Globalization;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Platform.V1;

namespace ControlPlane.Controllers.Apps;

/// <summary>A pod of an app, as the planner looks at it.</summary>
/// <param name="Pod">The pod.</param>
/// <param name="Revision">Hash of the revision it was made from.</param>
/// <param name="Ready">Takes traffic.</param>
/// <param name="Dead">Its processes have ended for good: evicted, lost with its node, or finished.</param>
/// <param name="Ending">Deletion was asked for.</param>
internal sealed record Instance(Pod Pod, string Revision, bool Ready, bool Dead, bool Ending)
{
    public string Name => Pod.Metadata.Name ?? "";

    public string? Node => Pod.Spec?.NodeName;

    /// <summary>Counts among the app's instances.</summary>
    public bool Alive => !Dead && !Ending;

    public static Instance Of(Pod pod) => new(
        pod,
        pod.Metadata.Labels.GetValueOrDefault(WellKnownLabels.Revision, ""),
        pod.Status?.Conditions.Any(c => c is { Type: "Ready", Status: "True" }) ?? false,
        pod.Status?.Phase is "Failed" or "Succeeded",
        pod.Metadata.DeletionTimestamp is not null);

    /// <summary>How many pods in a row failed in this one's place before it.</summary>
    public int FailuresBefore =>
        int.TryParse(Pod.Metadata.Annotations.GetValueOrDefault(WellKnownAnnotations.Failures), CultureInfo.InvariantCulture, out var n) ? Math.Max(0, n) : 0;

    /// <summary>The number that names it within its revision, or -1.</summary>
    public int Index =>
        int.TryParse(Pod.Metadata.Labels.GetValueOrDefault(WellKnownLabels.Index), CultureInfo.InvariantCulture, out var n) ? n : -1;

    /// <summary>When it died, as far as its status tells.</summary>
    public DateTimeOffset DiedAt =>
        Pod.Status?.ContainerStatuses.Max(c => c.State?.Terminated?.FinishedAt)
        ?? Pod.Status?.Conditions.Max(c => c.LastTransitionTime)
        ?? Pod.Status?.StartTime
        ?? Pod.Metadata.CreationTimestamp
        ?? DateTimeOffset.MinValue;

    /// <summary>How long it was on its node before it died.</summary>
    public TimeSpan Lifetime => Pod.Status?.StartTime is { } start && DiedAt > start ? DiedAt - start : TimeSpan.Zero;
}
