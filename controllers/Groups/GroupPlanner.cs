using System.Globalization;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Platform.V1;
using ControlPlane.Controllers.Reporting;

namespace ControlPlane.Controllers.Groups;

/// <summary>Decides what a group's apps should be, and in which order they stop. Pure.</summary>
internal static class GroupPlanner
{
    /// <summary>What to do about a group that is to stay.</summary>
    /// <param name="group">The group.</param>
    /// <param name="owned">The apps that it controls.</param>
    /// <param name="graph">The groups of the namespace.</param>
    /// <param name="find">Finds any app of the namespace.</param>
    /// <param name="now">The time.</param>
    public static GroupPlan Plan(Group group, IReadOnlyList<App> owned, GroupGraph graph, Func<string, App?> find, DateTimeOffset now)
    {
        var entries = group.Spec.Apps.ToDictionary(static entry => entry.Name, StringComparer.Ordinal);
        if (DependencyOrder.Layers([.. entries.Keys], name => entries[name].Dependencies) is not { } layers)
            return new GroupPlan([], [], Blocked(group, "DependencyCycle", "The dependencies of its apps form a cycle.", now));
        if (graph.IsCyclic(group))
            return new GroupPlan([], [], Blocked(group, "DependencyCycle", "The dependencies of the groups form a cycle that this one is part of.", now));
        if (graph.Missing(group) is { } missing)
            return new GroupPlan([], [], Blocked(group, "DependencyMissing", $"waits for group {missing}, which does not exist", now));

        var others = graph.RequiredApps(group);
        var present = owned.ToDictionary(static app => app.Metadata.Name!, StringComparer.Ordinal);
        App[] wanted = [.. layers.SelectMany(static layer => layer).Select(name => AppBuilder.Build(group, entries[name], others, present.GetValueOrDefault(AppBuilder.NameOf(group.Metadata.Name!, name))))];
        var names = wanted.Select(static app => app.Metadata.Name!).ToHashSet(StringComparer.Ordinal);
        // Somebody else's app is left alone, whatever the group says.
        string[] taken = [.. names.Where(name => !present.ContainsKey(name) && find(name) is not null)];
        var status = Status(group, wanted, present, now);
        if (taken.Length > 0)
            status = With(group, status, "Degraded", $"App {taken[0]} exists and is not the group's: delete it, or name the entry otherwise.", ready: false, progressing: false, "NameConflict", now);
        return new GroupPlan(
            [.. wanted.Where(app => !taken.Contains(app.Metadata.Name)).Where(app => !present.TryGetValue(app.Metadata.Name!, out var there) || !AppBuilder.IsApplied(app, there))],
            [.. owned.Where(app => !names.Contains(app.Metadata.Name!) && app.Metadata.DeletionTimestamp is null)],
            status);
    }

    /// <summary>The next step of stopping a group: parts first, then apps that nothing left depends on, one layer after the other.</summary>
    /// <param name="group">The group.</param>
    /// <param name="owned">The apps that it still controls.</param>
    /// <param name="graph">The groups of the namespace.</param>
    /// <param name="withPods">Names of the group's apps of which pods exist.</param>
    public static StopPlan PlanStop(Group group, IReadOnlyList<App> owned, GroupGraph graph, IReadOnlySet<string> withPods)
    {
        if (graph.Children(group) is { Count: > 0 } children)
        {
            // First those that no other part waits for; in a cycle all at once.
            var free = children.Where(child => !children.Any(other => other != child && graph.Requirements(other).Contains(child.Metadata.Name!))).ToArray();
            var next = free.Length > 0 ? free : [.. children];
            return new StopPlan([.. next.Where(static child => child.Metadata.DeletionTimestamp is null)], [], false, $"waits for group {next[0].Metadata.Name} to stop");
        }

        // Layers of what the group lists, so that an app whose object is gone but whose pods still end holds back those it depends on.
        var prefix = group.Metadata.Name + "-";
        var dependencies = group.Spec.Apps.ToDictionary(entry => prefix + entry.Name, entry => entry.Dependencies.Select(name => prefix + name).ToArray(), StringComparer.Ordinal);
        foreach (var app in owned)
            dependencies.TryAdd(app.Metadata.Name!, [.. app.Spec.Dependencies]);
        var existing = owned.Select(static app => app.Metadata.Name!).ToHashSet(StringComparer.Ordinal);
        // Names are tried in a fixed order; a cycle, which admission refuses, stops all at once.
        var layers = DependencyOrder.Layers([.. dependencies.Keys.Order(StringComparer.Ordinal)], name => dependencies[name]) ?? [[.. dependencies.Keys]];
        foreach (var layer in layers.Reverse())
        {
            var left = layer.Where(name => existing.Contains(name) || (dependencies.ContainsKey(name) && withPods.Contains(name))).ToArray();
            if (left.Length > 0)
                return new StopPlan([], [.. owned.Where(app => left.Contains(app.Metadata.Name) && app.Metadata.DeletionTimestamp is null)], false, $"waits for {string.Join(", ", left)} to stop");
        }

        return new StopPlan([], [], true, "stopped");
    }

    /// <summary>The status of a group that is being stopped.</summary>
    public static GroupStatus Stopping(Group group, StopPlan plan, DateTimeOffset now) =>
        With(group, group.Status ?? new GroupStatus(), "Stopping", plan.Message, ready: false, progressing: true, "Stopping", now);

    private static GroupStatus Blocked(Group group, string reason, string message, DateTimeOffset now) =>
        With(group, group.Status ?? new GroupStatus(), "Waiting", message, ready: false, progressing: false, reason, now);

    private static GroupStatus Status(Group group, IReadOnlyList<App> wanted, Dictionary<string, App> present, DateTimeOffset now)
    {
        var prefix = group.Metadata.Name!.Length + 1;
        GroupAppStatus[] apps = [.. wanted.Select(app => Describe(app, present.GetValueOrDefault(app.Metadata.Name!), prefix))];
        var ready = apps.Count(static app => app.Ready == true);
        var status = new GroupStatus
        {
            ReadyOfTotal = string.Create(CultureInfo.InvariantCulture, $"{ready}/{apps.Length}"),
            Apps = apps,
            Conditions = group.Status?.Conditions ?? [],
        };
        if (ready == apps.Length)
            return With(group, status, "Running", "All apps are ready.", ready: true, progressing: false, "AllAppsReady", now);
        var worst = apps.FirstOrDefault(static app => app.Phase == "Degraded") ?? apps.First(static app => app.Ready != true);
        var phase = worst.Phase == "Degraded" ? "Degraded" : "Deploying";
        var message = present.GetValueOrDefault(AppBuilder.NameOf(group.Metadata.Name!, worst.Name))?.Status?.Message ?? "is being started";
        return With(group, status, phase, $"{worst.Name}: {message}", ready: false, progressing: phase == "Deploying", phase == "Deploying" ? "Deploying" : "AppsInTrouble", now);
    }

    private static GroupAppStatus Describe(App wanted, App? present, int prefix)
    {
        var current = present?.Status is { } status && status.ObservedGeneration == present.Metadata.Generation && AppBuilder.IsApplied(wanted, present) ? status : null;
        return new GroupAppStatus { Name = wanted.Metadata.Name![prefix..], Ready = current?.Conditions.IsTrue("Ready") == true, Phase = current?.Phase ?? "Deploying" };
    }

    private static GroupStatus With(Group group, GroupStatus status, string phase, string message, bool ready, bool progressing, string reason, DateTimeOffset now)
    {
        var generation = group.Metadata.Generation;
        Condition Of(string type, bool holds) => new() { Type = type, Status = holds ? "True" : "False", Reason = reason, Message = message, ObservedGeneration = generation };
        return status with
        {
            ObservedGeneration = generation,
            Phase = phase,
            Message = message,
            Conditions = status.Conditions.With(Of("Ready", ready), now).With(Of("Progressing", progressing), now),
        };
    }
}
