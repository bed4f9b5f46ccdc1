using ControlPlane.Api.Platform.V1;

namespace ControlPlane.Controllers.Groups;

/// <summary>What to do about a group.</summary>
/// <param name="Apply">Apps to write, those that others depend on first.</param>
/// <param name="Prune">Apps that the group no longer lists.</param>
/// <param name="Status">The status it should have.</param>
internal sealed record GroupPlan(IReadOnlyList<App> Apply, IReadOnlyList<App> Prune, GroupStatus Status);

/// <summary>The next step of an ordered stop.</summary>
/// <param name="DeleteGroups">Parts of the group that have to go first.</param>
/// <param name="DeleteApps">Apps on which no app that is left depends.</param>
/// <param name="IsDone">Whether nothing is left.</param>
/// <param name="Message">What it waits for.</param>
internal sealed record StopPlan(IReadOnlyList<Group> DeleteGroups, IReadOnlyList<App> DeleteApps, bool IsDone, string Message);
