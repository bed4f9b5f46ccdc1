using System.Globalization;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Platform.V1;
using ControlPlane.Controllers.Apps.Rollout;
using ControlPlane.Controllers.Reporting;

namespace ControlPlane.Controllers.Apps.Reporting;

/// <summary>An app's status, computed from its pods.</summary>
internal static class AppStatusBuilder
{
    /// <param name="app">The app.</param>
    /// <param name="revisions">Which revision should run.</param>
    /// <param name="instances">Its pods.</param>
    /// <param name="gate">What holds it back.</param>
    /// <param name="now">The time.</param>
    public static AppStatus Build(App app, RevisionPlan revisions, IReadOnlyList<Instance> instances, DependencyGate gate, DateTimeOffset now)
    {
        var desired = app.Spec.Instances ?? 1;
        var alive = instances.Where(static instance => instance.Alive).ToArray();
        var updated = alive.Count(instance => instance.Revision == revisions.Newest);
        var ready = alive.Count(static instance => instance.Ready);
        var updatedAndReady = alive.Count(instance => instance.Ready && instance.Revision == revisions.Newest);
        var held = !gate.IsOpen && revisions.Running != revisions.Newest;
        var settled = !held && updated == desired && updatedAndReady == desired && alive.Length == desired && instances.All(static instance => !instance.Dead);
        // With minimumHealthCapacity 0 an upgrade may take all instances away; available is an app only with one at least.
        var available = revisions.Running is not null && ready >= Math.Max(Math.Min(desired, 1), UpgradeBudget.For(desired, app.Spec.UpgradeStrategy, ready).MinHealthy);
        var trouble = settled ? null : alive.Concat(instances.Where(static instance => instance.Dead)).Select(Trouble.Of).FirstOrDefault(static text => text is not null);
        var (phase, message) = Describe(desired, ready, alive.Length - updated, settled, trouble, held ? gate.Message : null);
        var conditions = (app.Status?.Conditions ?? [])
            .With(Condition("Available", available, available ? "MinimumInstancesReady" : held ? gate.Reason! : "NotEnoughInstancesReady", message, app), now)
            .With(Condition("Progressing", !settled && trouble is null && !held, settled ? "Settled" : held ? gate.Reason! : trouble is null ? "Deploying" : "InstancesInTrouble", message, app), now)
            .With(Condition("Ready", settled, settled ? "AllInstancesReady" : held ? gate.Reason! : trouble is null ? "Deploying" : "InstancesInTrouble", message, app), now);
        return new AppStatus
        {
            ObservedGeneration = app.Metadata.Generation,
            Phase = phase,
            Message = message,
            ReadyOfDesired = string.Create(CultureInfo.InvariantCulture, $"{ready}/{desired}"),
            Instances = alive.Length,
            UpdatedInstances = updated,
            RunningInstances = alive.Count(static instance => instance.Pod.Status?.Phase == "Running"),
            ReadyInstances = ready,
            Selector = $"{WellKnownLabels.App}={app.Metadata.Name}",
            CurrentRevision = revisions.Running is { } running ? Revisions.NameOf(app.Metadata.Name!, running) : null,
            Conditions = conditions,
        };
    }

    private static (string Phase, string Message) Describe(int desired, int ready, int old, bool settled, string? trouble, string? held)
    {
        if (held is not null)
            return ("Waiting", held);
        if (settled)
            return desired == 0 ? ("Suspended", "No instances are wanted.") : ("Running", string.Create(CultureInfo.InvariantCulture, $"{ready} of {desired} instances are ready."));
        if (trouble is not null)
            return ("Degraded", trouble);
        var left = old > 0 ? string.Create(CultureInfo.InvariantCulture, $", {old} of an older revision are left") : "";
        return ("Deploying", string.Create(CultureInfo.InvariantCulture, $"{ready} of {desired} instances are ready{left}."));
    }

    private static Condition Condition(string type, bool holds, string reason, string message, App app) =>
        new() { Type = type, Status = holds ? "True" : "False", Reason = reason, Message = message, ObservedGeneration = app.Metadata.Generation };
}
