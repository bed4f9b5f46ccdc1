using System.Globalization;
using System.Text.Json.Nodes;
using ControlPlane.Api.Apps.V1;
using ControlPlane.Api.Client;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Platform.V1;
using ControlPlane.Controllers.Apps.Pods;
using ControlPlane.Controllers.Apps.Reporting;
using ControlPlane.Controllers.Apps.Rollout;
using ControlPlane.Controllers.Reporting;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Controllers.Apps;

/// <summary>Carries out the planners' decisions about one app: revision, pods, status.</summary>
internal sealed partial class AppReconciler(ControllerContext context, AppCaches caches) : IReconciler
{
    private const string FieldManager = "apps";
    private readonly IApiClient _client = context.Client;
    private readonly ILogger _logger = context.Logger<AppReconciler>();

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        // What a deleted app leaves is collected by its owner references.
        if (!caches.Apps.TryGet(key, out var app) || app.Metadata.DeletionTimestamp is not null)
            return ReconcileResult.Done;
        var now = context.Time.GetUtcNow();
        Instance[] instances = [.. caches.PodsOf(app).Select(Instance.Of)];
        var gate = DependencyGate.Of(app.Spec, name => caches.Apps.Find(new ObjectKey(key.Namespace, name)));
        var revisions = RevisionPlan.Of(app, caches.RevisionsOf(app), instances, gate);
        await WriteRevisionsAsync(revisions, cancellationToken);

        DateTimeOffset? next = null;
        if (revisions is { Running: { } running, Spec: { } spec })
        {
            var step = RolloutPlanner.Plan(spec, running, instances, new KillOrder(spec, NodeLabels()), now);
            await TakeAsync(app, spec, running, instances, step, cancellationToken);
            await RelabelAsync(app, instances, cancellationToken);
            next = step.NextAt;
        }

        Announce(app, gate, revisions);
        await _client.WriteStatusAsync(app, app with { Status = AppStatusBuilder.Build(app, revisions, instances, gate, now) }, cancellationToken);
        return ReconcileResult.LookAgainAtOrDone(next);
    }

    private async Task WriteRevisionsAsync(RevisionPlan plan, CancellationToken cancellationToken)
    {
        if (plan.Write is { } revision)
            await _client.ApplyAsync(revision, new WriteOptions { FieldManager = FieldManager, Force = true }, cancellationToken);
        foreach (var forgotten in plan.Forget)
            await _client.TryDeleteAsync<ControllerRevision>(ObjectKey.Of(forgotten), cancellationToken);
    }

    private async Task TakeAsync(App app, AppSpec spec, string revision, Instance[] instances, RolloutStep step, CancellationToken cancellationToken)
    {
        var builder = new PodBuilder(app, spec, revision);
        var backoff = LaunchBackoff.Of(spec);
        var writes = new IndependentWrites(cancellationToken);
        await writes.RunAsync([.. step.Stop, .. step.Forget], (instance, token) => DeleteAsync(instance, token));
        await writes.RunAsync(step.Replace, async (dead, token) =>
        {
            await DeleteAsync(dead, token);
            await CreateAsync(builder.Build(dead.Index, backoff.Failures(dead)), token);
        });
        // A pod that is ending still has its name.
        var taken = instances.Where(instance => instance.Revision == revision).Select(static instance => instance.Index).ToHashSet();
        int[] free = [.. Enumerable.Range(0, int.MaxValue).Where(index => !taken.Contains(index)).Take(step.Launch)];
        await writes.RunAsync(free, (index, token) => CreateAsync(builder.Build(index, 0), token));
        writes.ThrowIfFailed();
        if (step.Launch + step.Replace.Count + step.Stop.Count > 0)
            Log.Stepped(_logger, ObjectKey.Of(app), revision, step.Launch, step.Replace.Count, step.Stop.Count);
        if (step.Launch > 0)
            context.Events.Normal(app, "InstancesStarted", string.Create(CultureInfo.InvariantCulture, $"Starts {step.Launch} of revision {revision}."));
        if (step.Stop.Count > 0)
            context.Events.Normal(app, "InstancesStopped", string.Create(CultureInfo.InvariantCulture, $"Stops {step.Stop.Count}: {string.Join(", ", step.Stop.Select(static instance => instance.Name))}."));
    }

    private async Task CreateAsync(Pod pod, CancellationToken cancellationToken)
    {
        try
        {
            await _client.CreateAsync(pod, cancellationToken, new WriteOptions { FieldManager = FieldManager });
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            // Made by an earlier pass, or not gone yet: the watch tells which.
        }
    }

    private Task DeleteAsync(Instance instance, CancellationToken cancellationToken)
    {
        // A dead one has nothing left to end gracefully.
        var options = new DeleteOptions
        {
            Preconditions = new Preconditions { Uid = instance.Pod.Metadata.Uid },
            GracePeriodSeconds = instance.Dead ? 0 : null,
        };
        return _client.TryDeleteAsync<Pod>(ObjectKey.Of(instance.Pod), cancellationToken, options);
    }

    /// <summary>Labels of the app's spec reach running instances without restarting them.</summary>
    private async Task RelabelAsync(App app, Instance[] instances, CancellationToken cancellationToken)
    {
        foreach (var instance in instances.Where(static instance => instance.Alive))
        {
            var missing = app.Spec.Labels.Where(label => instance.Pod.Metadata.Labels.GetValueOrDefault(label.Key) != label.Value && !label.Key.StartsWith("controlplane.dev/", StringComparison.Ordinal)).ToArray();
            if (missing.Length == 0)
                continue;
            var labels = new JsonObject(missing.Select(static label => KeyValuePair.Create(label.Key, (JsonNode?)label.Value)));
            var patch = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = instance.Pod.Metadata.Uid, ["labels"] = labels } };
            await _client.PatchAsync<Pod>(ObjectKey.Of(instance.Pod), PatchBody.Merge(patch), cancellationToken, new WriteOptions { FieldManager = FieldManager });
        }
    }

    private void Announce(App app, DependencyGate gate, RevisionPlan revisions)
    {
        if (!gate.IsOpen && revisions.Running != revisions.Newest && app.Status?.Conditions.Find("Ready")?.Reason != gate.Reason)
            context.Events.Normal(app, gate.Reason!, $"The app {gate.Message}.");
    }

    private Dictionary<string, IReadOnlyDictionary<string, string>> NodeLabels() =>
        caches.Nodes.List().ToDictionary(static node => node.Metadata.Name!, static node => node.Metadata.Labels, StringComparer.Ordinal);

    private static partial class Log
    {
        [LoggerMessage(700, LogLevel.Information, "App {App} at revision {Revision}: starts {Started}, replaces {Replaced}, stops {Stopped}")]
        public static partial void Stepped(ILogger logger, ObjectKey app, string revision, int started, int replaced, int stopped);
    }
}
