using ControlPlane.Api.Meta;
using ControlPlane.Api.Platform.V1;

namespace ControlPlane.Controllers.GarbageCollection;

/// <summary>Decides about an object by its owners. Never deletes one that has a living owner, or one of which that is not known.</summary>
internal static class DependentPlanner
{
    /// <param name="item">The object; not being deleted.</param>
    /// <param name="owners">Its owners, each looked for.</param>
    /// <param name="hasDependents">Whether others depend on it in turn.</param>
    public static DependentPlan Plan(ObservedObject item, IReadOnlyList<OwnerFinding> owners, bool hasDependents)
    {
        if (owners.Count == 0 || item.IsDeleting || owners.Any(static o => o.State == OwnerState.Unknown))
            return DependentPlan.Nothing;
        var leaving = owners.Where(static o => o.State != OwnerState.Alive).Select(static o => o.Reference.Uid).ToHashSet(StringComparer.Ordinal);
        if (leaving.Count < owners.Count)
            return leaving.Count == 0 ? DependentPlan.Nothing : new DependentPlan(DependentAction.DropOwners, leaving, null);

        var isAwaited = owners.Any(static o => o.State == OwnerState.WaitsForDependents);
        return new DependentPlan(DependentAction.Delete, leaving, Propagation(item, isAwaited && hasDependents));
    }

    // A finalizer of ours that is already there says what its user wants; a foreground deletion goes down the tree in the foreground.
    private static string Propagation(ObservedObject item, bool isForeground)
    {
        if (item.Metadata.Finalizers.Contains(WellKnownFinalizers.Orphan))
            return "Orphan";
        return isForeground || item.Metadata.Finalizers.Contains(WellKnownFinalizers.Foreground) ? "Foreground" : "Background";
    }
}

/// <summary>What to do about a dependent.</summary>
internal enum DependentAction
{
    /// <summary>Leave it.</summary>
    None,

    /// <summary>Take references to owners off it that are gone or going, since others live.</summary>
    DropOwners,

    /// <summary>Delete it.</summary>
    Delete,
}

/// <summary>A decision about a dependent.</summary>
/// <param name="Action">What to do.</param>
/// <param name="Leaving">UIDs of owners that are gone or going.</param>
/// <param name="Propagation">For a deletion: what becomes of its own dependents.</param>
internal sealed record DependentPlan(DependentAction Action, IReadOnlySet<string> Leaving, string? Propagation)
{
    public static DependentPlan Nothing { get; } = new(DependentAction.None, new HashSet<string>(), null);
}
