using ControlPlane.Api.Client;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Platform.V1;
using ControlPlane.Controllers.Finalization;
using ControlPlane.Controllers.Reporting;

namespace ControlPlane.Controllers.Groups;

/// <summary>Carries out the planner's decisions about one group.</summary>
internal sealed class GroupReconciler(ControllerContext context, GroupCaches caches) : IReconciler
{
    private const string FieldManager = "groups";
    private readonly IApiClient _client = context.Client;

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (!caches.Groups.TryGet(key, out var group))
            return ReconcileResult.Done;
        if (group.Metadata.DeletionTimestamp is not null)
        {
            await StopAsync(group, cancellationToken);
            return ReconcileResult.Done;
        }

        // Before the first app exists, so that none is ever left without its order.
        group = await _client.AddFinalizerAsync(group, WellKnownFinalizers.OrderedStop, cancellationToken);
        var plan = GroupPlanner.Plan(group, caches.AppsOf(group), caches.GraphOf(key.Namespace), name => caches.Apps.Find(new ObjectKey(key.Namespace, name)), context.Time.GetUtcNow());
        // An app that is refused does not keep the others waiting: their dependencies say what waits for what.
        var writes = new IndependentWrites(cancellationToken);
        await writes.RunAsync(plan.Apply, (app, token) => ApplyAsync(group, app, token));
        await writes.RunAsync(plan.Prune, async (app, token) =>
        {
            await DeleteAsync(app, token);
            context.Events.Normal(group, "AppRemoved", $"App {app.Metadata.Name} is no longer part of the group.");
        });

        if (plan.Status.Conditions.IsTrue("Ready") && group.Status?.Conditions.IsTrue("Ready") != true)
            context.Events.Normal(group, "AllAppsReady", "All apps are ready.");
        if (plan.Status.Conditions.Find("Ready") is { Reason: "DependencyMissing" or "DependencyCycle" or "NameConflict" } blocked
            && group.Status?.Conditions.Find("Ready")?.Message != blocked.Message)
            context.Events.Warning(group, blocked.Reason, blocked.Message ?? "");
        await _client.WriteStatusAsync(group, group with { Status = plan.Status }, cancellationToken);
        writes.ThrowIfFailed();
        return ReconcileResult.Done;
    }

    private async Task StopAsync(Group group, CancellationToken cancellationToken)
    {
        if (!group.Metadata.Finalizers.Contains(WellKnownFinalizers.OrderedStop))
            return;
        var plan = GroupPlanner.PlanStop(group, caches.AppsOf(group), caches.GraphOf(group.Metadata.Namespace ?? ""), caches.AppsWithPods(group));
        foreach (var child in plan.DeleteGroups)
            await _client.TryDeleteAsync<Group>(ObjectKey.Of(child), cancellationToken, Only(child));
        foreach (var app in plan.DeleteApps)
            await DeleteAsync(app, cancellationToken);
        if (plan.IsDone)
            await _client.RemoveFinalizerAsync(group, WellKnownFinalizers.OrderedStop, cancellationToken);
        else
            await _client.WriteStatusAsync(group, group with { Status = GroupPlanner.Stopping(group, plan, context.Time.GetUtcNow()) }, cancellationToken);
    }

    private async Task ApplyAsync(Group group, App app, CancellationToken cancellationToken)
    {
        try
        {
            await _client.ApplyAsync(app, new WriteOptions { FieldManager = FieldManager, Force = true }, cancellationToken);
        }
        catch (ApiException e) when (e.IsInvalid || e.IsForbidden)
        {
            context.Events.Warning(group, "AppRefused", $"App {app.Metadata.Name} cannot be written: {e.Message}");
            throw;
        }
    }

    private Task DeleteAsync(App app, CancellationToken cancellationToken) => _client.TryDeleteAsync<App>(ObjectKey.Of(app), cancellationToken, Only(app));

    private static DeleteOptions Only(Resource item) =>
        new() { Preconditions = new Preconditions { Uid = item.Metadata.Uid }, PropagationPolicy = "Background" };
}
