using ControlPlane.Api.Platform.V1;

namespace ControlPlane.Controllers.Apps.Rollout;

/// <summary>
/// Decides which instances start and end next. Looks only at what is there, so every pass continues where the last one stopped, whoever
/// made it; a step taken twice is taken once.
/// </summary>
internal static class RolloutPlanner
{
    // An ending instance that is this late has lost its node: it no longer holds up its replacement.
    private static readonly TimeSpan EndingGrace = TimeSpan.FromSeconds(30);

    /// <summary>The next step.</summary>
    /// <param name="spec">The spec at the revision that should run.</param>
    /// <param name="revision">Hash of that revision.</param>
    /// <param name="instances">All pods of the app.</param>
    /// <param name="order">Which end first.</param>
    /// <param name="now">The time.</param>
    public static RolloutStep Plan(AppSpec spec, string revision, IReadOnlyList<Instance> instances, KillOrder order, DateTimeOffset now)
    {
        var desired = spec.Instances ?? 1;
        var current = instances.Where(i => i.Alive && i.Revision == revision).ToList();
        var old = instances.Where(i => i.Alive && i.Revision != revision).ToList();
        var ending = instances.Where(i => i.Ending && i.Revision != revision).Select(EndsBy).Where(t => t > now).ToList();
        var upgrading = old.Count > 0 || ending.Count > 0;

        var missing = Math.Max(0, desired - current.Count);
        var healthy = current.Count(i => i.Ready) + old.Count(i => i.Ready);
        var budget = UpgradeBudget.For(desired, spec.UpgradeStrategy, healthy);
        var stop = upgrading
            ? StopForUpgrade(desired, current, old, healthy - budget.MinHealthy, budget.MaxCapacity - missing, order)
            : order.Pick(current, current, current.Count - desired);

        var room = upgrading ? Math.Max(0, budget.MaxCapacity - current.Count - old.Count - ending.Count) : missing;
        var step = Start(spec, revision, instances, Math.Min(missing, room), missing, now);
        var waitsForEnd = room < missing && ending.Count > 0 ? ending.Min() : (DateTimeOffset?)null;
        return step with { Stop = stop, NextAt = Earliest(step.NextAt, waitsForEnd) };
    }

    /// <param name="desired">How many instances there should be.</param>
    /// <param name="current">Alive instances of the new revision.</param>
    /// <param name="old">Alive instances of other revisions.</param>
    /// <param name="spare">How many ready instances may end.</param>
    /// <param name="limit">More instances than this leave no room to start the missing ones.</param>
    /// <param name="order">Which end first.</param>
    private static List<Instance> StopForUpgrade(
        int desired, List<Instance> current, List<Instance> old, int spare, int limit, KillOrder order)
    {
        // Old ones end where a new one has taken their place, or to make room for new ones; never just because they may.
        var replaced = old.Count - Math.Max(0, desired - current.Count(i => i.Ready));
        var inTheWay = current.Count + old.Count - limit;
        var count = Math.Clamp(Math.Max(replaced, inTheWay), 0, old.Count);

        var unready = old.Where(i => !i.Ready).ToList();
        var stop = order.Pick(unready, old, Math.Min(count, unready.Count));
        var readyOnes = Math.Min(count - stop.Count, Math.Max(0, spare));
        stop.AddRange(order.Pick([.. old.Where(i => i.Ready)], old, readyOnes));

        // Fewer are wanted than of the new revision exist already: ready ones of it go only within what is left to spare.
        var surplus = order.Pick(current, current, current.Count - desired);
        stop.AddRange(surplus.Where(i => !i.Ready));
        stop.AddRange(surplus.Where(i => i.Ready).Take(Math.Max(0, spare - readyOnes)));
        return stop;
    }

    private static RolloutStep Start(
        AppSpec spec, string revision, IReadOnlyList<Instance> instances, int startable, int missing, DateTimeOffset now)
    {
        var backoff = LaunchBackoff.Of(spec);
        var dead = instances.Where(i => i.Dead && !i.Ending).OrderBy(i => backoff.Due(i)).ThenBy(i => i.Name, StringComparer.Ordinal).ToList();
        var places = dead.Where(i => i.Revision == revision).Take(missing).ToList();
        var replace = places.Where(i => backoff.Due(i) <= now).Take(startable).ToList();
        var waiting = places.Where(i => backoff.Due(i) > now).ToList();
        return new RolloutStep
        {
            Replace = replace,
            Forget = [.. dead.Except(places)],
            Launch = Math.Max(0, Math.Min(startable - replace.Count, missing - places.Count)),
            NextAt = waiting.Count > 0 ? waiting.Min(backoff.Due) : null,
        };
    }

    private static DateTimeOffset EndsBy(Instance instance) => instance.Pod.Metadata.DeletionTimestamp!.Value + EndingGrace;

    private static DateTimeOffset? Earliest(DateTimeOffset? left, DateTimeOffset? right) =>
        left is null ? right : right is null || left < right ? left : right;
}
