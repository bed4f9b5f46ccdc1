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
        var writes = new IndependentWrites(cancellationToken);
        if (revisions is { Running: { } running, Spec: { } spec })
        {
            var step = RolloutPlanner.Plan(spec, running, instances, new KillOrder(spec, NodeLabels(spec)), now);
            await TakeAsync(app, spec, running, step, writes);
            await writes.RunAsync([.. instances.Where(static instance => instance.Alive)], (instance, token) => RelabelAsync(app, instance, token));
            next = step.NextAt;
        }

        Announce(app, gate, revisions);
        await _client.WriteStatusAsync(app, app with { Status = AppStatusBuilder.Build(app, revisions, instances, gate, now) }, cancellationToken);
        writes.ThrowIfFailed();
        return ReconcileResult.LookAgainAtOrDone(next);
    }

    private async Task WriteRevisionsAsync(RevisionPlan plan, CancellationToken cancellationToken)
    {
        if (plan.Write is { } revision)
            await _client.ApplyAsync(revision, new WriteOptions { FieldManager = FieldManager, Force = true }, cancellationToken);
        foreach (var forgotten in plan.Forget)
            await _client.TryDeleteAsync<ControllerRevision>(ObjectKey.Of(forgotten), cancellationToken);
    }

    private async Task TakeAsync(App app, AppSpec spec, string revision, RolloutStep step, IndependentWrites writes)
    {
        var builder = new PodBuilder(app, spec, revision);
        var backoff = LaunchBackoff.Of(spec);
        await writes.RunAsync([.. step.Stop, .. step.Forget], (instance, token) => DeleteAsync(instance, token));
        await writes.RunAsync(step.Replace, async (dead, token) =>
        {
            context.Events.Warning(app, "InstanceReplaced", $"{dead.Name} {Fate(dead)}: started again.");
            await DeleteAsync(dead, token);
            await CreateAsync(app, builder.Build(dead.Index, backoff.Failures(dead)), token);
        });
        // A pod that is ending still has its name, and so has another's.
        int[] free = [.. Enumerable.Range(0, int.MaxValue)
            .Where(index => caches.Pods.Find(new ObjectKey(app.Metadata.Namespace ?? "", builder.NameOf(index))) is null)
            .Take(step.Launch)];
        await writes.RunAsync(free, (index, token) => CreateAsync(app, builder.Build(index, 0), token));
        if (step.Launch + step.Replace.Count + step.Stop.Count > 0)
            Log.Stepped(_logger, ObjectKey.Of(app), revision, step.Launch, step.Replace.Count, step.Stop.Count);
        if (step.Launch > 0)
            context.Events.Normal(app, "InstancesStarted", string.Create(CultureInfo.InvariantCulture, $"Starts {step.Launch} of revision {revision}."));
        if (step.Stop.Count > 0)
            context.Events.Normal(app, "InstancesStopped", string.Create(CultureInfo.InvariantCulture, $"Stops {step.Stop.Count}: {string.Join(", ", step.Stop.Select(static instance => instance.Name))}."));
    }

    private async Task CreateAsync(App app, Pod pod, CancellationToken cancellationToken)
    {
        try
        {
            await _client.CreateAsync(pod, cancellationToken, new WriteOptions { FieldManager = FieldManager });
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            // Made by an earlier pass, or not gone yet: the watch tells which.
        }
        catch (ApiException e) when (e.IsInvalid || e.IsForbidden)
        {
            context.Events.Warning(app, "InstanceRefused", $"{pod.Metadata.Name} cannot be created: {e.Message}");
            throw;
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

    /// <summary>Labels of the app's spec, and its backoff, reach a running instance without restarting it.</summary>
    private async Task RelabelAsync(App app, Instance instance, CancellationToken cancellationToken)
    {
        var present = instance.Pod.Metadata;
        var labels = app.Spec.Labels.Where(label => present.Labels.GetValueOrDefault(label.Key) != label.Value && !label.Key.StartsWith("controlplane.dev/", StringComparison.Ordinal)).ToArray();
        var backoff = LaunchBackoff.Of(app.Spec).ToString();
        var metadata = new JsonObject { ["uid"] = present.Uid };
        if (labels.Length > 0)
            metadata["labels"] = new JsonObject(labels.Select(static label => KeyValuePair.Create(label.Key, (JsonNode?)label.Value)));
        if (present.Annotations.GetValueOrDefault(WellKnownAnnotations.Backoff) != backoff)
            metadata["annotations"] = new JsonObject { [WellKnownAnnotations.Backoff] = backoff };
        if (metadata.Count > 1)
            await _client.PatchAsync<Pod>(ObjectKey.Of(instance.Pod), PatchBody.Merge(new JsonObject { ["metadata"] = metadata }), cancellationToken, new WriteOptions { FieldManager = FieldManager });
    }

    private static string Fate(Instance dead) => dead.Pod.Status switch
    {
        { Phase: "Succeeded" } => "ended",
        { Reason: { Length: > 0 } reason } => $"failed ({reason})",
        _ => "failed",
    };

    private void Announce(App app, DependencyGate gate, RevisionPlan revisions)
    {
        if (gate.IsOpen || revisions.Running == revisions.Newest || app.Status?.Conditions.Find("Ready")?.Reason == gate.Reason)
            return;
        if (gate.Reason == "DependencyMissing")
            context.Events.Warning(app, gate.Reason, $"The app {gate.Message}.");
        else
            context.Events.Normal(app, gate.Reason!, $"The app {gate.Message}.");
    }

    // Only balance between groups asks where instances are.
    private Dictionary<string, IReadOnlyDictionary<string, string>> NodeLabels(AppSpec spec) => spec.Constraints.All(static constraint => constraint.Operator != "GROUP_BY")
        ? []
        : caches.Nodes.List().ToDictionary(static node => node.Metadata.Name!, static node => node.Metadata.Labels, StringComparer.Ordinal);

    private static partial class Log
    {
        [LoggerMessage(700, LogLevel.Information, "App {App} at revision {Revision}: starts {Started}, replaces {Replaced}, stops {Stopped}")]
        public static partial void Stepped(ILogger logger, ObjectKey app, string revision, int started, int replaced, int stopped);
    }
}
